import type { TensorBatch, TensorModel } from "@gradpool/models";
import type { Side } from "./contract.js";
import { rowBatch } from "./batch.js";
import type { Opened } from "./opened.js";

/** Where a tensor model keeps the rows of users or items: id k has row first + k. */
export interface IdRows {
  readonly table: string;
  readonly first: number;
  readonly count: number;
  readonly dim: number;
}

/** Found by asking which rows the model reads for id 0 and for id 1, all else alike. */
export function rowsOfIds(run: Opened, side: Side): IdRows[] {
  const { model } = run.made;
  const count = run.data.set[side];
  if (model.kind !== "tensor" || count < 2) return [];
  const [zero, one] = [0, 1].map((id) =>
    lookupsOf(model, rowBatch(run, side === "users" ? [id] : [0], side === "items" ? [id] : [0]).batch),
  );
  const found = new Map<string, IdRows>();
  zero?.forEach(({ table, row }, k) => {
    if (row === undefined || one?.[k]?.row !== row + 1) return;
    const dim = model.tables.find(({ name }) => name === table)?.dim as number;
    found.set(`${table} ${row}`, { table, first: row, count, dim });
  });
  return [...found.values()];
}

const lookupsOf = (model: TensorModel, batch: TensorBatch) =>
  model
    .lookups(batch)
    .flatMap(({ table, ids, size, offsets }) =>
      offsets === undefined
        ? Array.from({ length: size }, (_, k) => ({ table, row: ids[k] }))
        : [{ table, row: undefined }],
    );
