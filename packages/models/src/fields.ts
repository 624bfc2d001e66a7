import type { CategoricalField, ImpressionsBatch } from "@gradpool/data";
import { GradpoolError } from "@gradpool/core";
import type { Initializer, Lookup, TableSpec } from "./model.js";

export interface ClickField {
  readonly name: string;
  readonly vocabulary: number;
  /** Default `one-hot`. */
  readonly kind?: "one-hot" | "multi-hot";
  /** Multi-hot fields. Default `mean`. */
  readonly pooling?: "sum" | "mean";
}

/** The embeddings of categorical fields. */
export interface FieldTables {
  readonly tables: readonly TableSpec[];
  /** All of them side by side, as the input `fields`. */
  lookups(batch: ImpressionsBatch): readonly Lookup[];
}

/** A table for each field, or (`joint`) one for all one-hot fields, which moves less. */
export function fieldTables(
  fields: readonly ClickField[],
  dim: number,
  init: Initializer,
  tables: "per-field" | "joint",
): FieldTables {
  const joined = tables === "joint" ? fields.filter((field) => field.kind !== "multi-hot") : [];
  const apart = fields.filter((field) => !joined.includes(field));
  const embeddings = (name: string, rows: number): TableSpec => ({ name, rows, dim, init, module: "embeddings" });
  const own = (batch: ImpressionsBatch): Lookup[] => apart.map((field) => lookupOf(field, batch));
  const specs = apart.map(({ name, vocabulary }) => embeddings(name, vocabulary));
  if (joined.length === 0) return { tables: specs, lookups: own };
  const total = joined.reduce((sum, { vocabulary }) => sum + vocabulary, 0);
  const idsOf = jointIds(joined);
  return {
    tables: [embeddings("fields", total), ...specs],
    lookups: (batch) => [
      { table: "fields", ids: idsOf(batch), size: batch.size * joined.length, input: "fields" },
      ...own(batch),
    ],
  };
}

function lookupOf(
  { name, kind = "one-hot", pooling = "mean" }: ClickField,
  { fields, size }: ImpressionsBatch,
): Lookup {
  const field = find(fields, name, kind);
  const base = { table: name, ids: field.ids, size, input: "fields" };
  return field.kind === "multi-hot" ? { ...base, offsets: field.offsets, pooling } : base;
}

/** The joined fields' ids, row after row: with a row of the batch's embeddings side by side, nothing needs moving. */
function jointIds(joined: readonly ClickField[]): (batch: ImpressionsBatch) => Int32Array {
  const count = joined.length;
  const offsets: number[] = [];
  let total = 0;
  for (const { vocabulary } of joined) {
    offsets.push(total);
    total += vocabulary;
  }
  let ids = new Int32Array(0);
  return ({ fields, size }) => {
    if (ids.length !== size * count) ids = new Int32Array(size * count);
    joined.forEach(({ name }, f) => {
      const field = find(fields, name, "one-hot");
      const offset = offsets[f] as number;
      for (let r = 0; r < size; r++) ids[r * count + f] = (field.ids[r] as number) + offset;
    });
    return ids;
  };
}

function find(batch: readonly CategoricalField[], name: string, kind: "one-hot" | "multi-hot"): CategoricalField {
  const field = batch.find((candidate) => candidate.name === name);
  if (field?.kind === kind) return field;
  throw new GradpoolError({
    code: "invalid-input",
    what: field === undefined ? `no field ${name}` : `field ${name} is ${field.kind}, not ${kind}`,
    where: "clickModel, batch",
    remedy: `the batch has ${batch.map((candidate) => `${candidate.name} (${candidate.kind})`).join(", ")}`,
  });
}
