import type { TableSpec, TensorBatch, TensorModel } from "@gradpool/models";
import { GradpoolError } from "@gradpool/core";
import type { Gathered, TableStore } from "../tables/store.js";

/** An input tensor: blocks of rows side by side, [size, width]. */
export interface TrunkInput {
  readonly name: string;
  /** The task that owns its tables, whose head reads it; null: an input of the trunk. */
  readonly owner: string | null;
  readonly width: number;
  readonly blocks: readonly { readonly gathered: Gathered; readonly at: number; readonly width: number }[];
  /** size × width. */
  readonly values: Float32Array;
}

/** Gathers what the batch reads. An input of one block is that block; several are laid side by side here, once. */
export function gatherInputs(model: TensorModel, batch: TensorBatch, store: TableStore): TrunkInput[] {
  const owners = new Map(model.tables.map(({ name, owner = null }) => [name, owner]));
  const byName = new Map<string, Gathered[]>();
  for (const lookup of model.lookups(batch)) {
    const gathered = store.gather(lookup);
    const name = lookup.input ?? lookup.table;
    const list = byName.get(name);
    if (list === undefined) byName.set(name, [gathered]);
    else list.push(gathered);
  }
  return [...byName].map(([name, list]): TrunkInput => {
    let width = 0;
    const owner = owners.get((list[0] as Gathered).lookup.table) ?? null;
    if (list.some(({ lookup }) => owners.get(lookup.table) !== owner)) throw mixed(model, name);
    const blocks = list.map((gathered) => {
      const own = gathered.rows.length / batch.size;
      if (!Number.isInteger(own)) throw notWhole(model, gathered, batch.size);
      const block = { gathered, at: width, width: own };
      width += own;
      return block;
    });
    const [first] = blocks;
    if (blocks.length === 1 && first !== undefined) return { name, owner, width, blocks, values: first.gathered.rows };
    const values = new Float32Array(batch.size * width);
    for (const block of blocks) interleave(block.gathered.rows, block.width, values, block.at, width, batch.size);
    return { name, owner, width, blocks, values };
  });
}

/** Rows of `width` among rows of `stride`, from column `at`. Row by row with `set`: five times as fast as element by element. */
function interleave(
  from: Float32Array,
  width: number,
  to: Float32Array,
  at: number,
  stride: number,
  rows: number,
): void {
  for (let r = 0; r < rows; r++) to.set(from.subarray(r * width, (r + 1) * width), r * stride + at);
}

/** Adds an input's gradient, times a table's scale, to a task's accumulators, table by table. Answers with a table whose sum is not finite, or null. */
export function scatterInput(
  input: TrunkInput,
  gradient: Float32Array,
  task: number,
  store: TableStore,
  scale: (table: string) => number,
): string | null {
  const rows = input.values.length / input.width;
  for (const { gathered, at, width } of input.blocks) {
    let block = gradient;
    if (input.blocks.length > 1) {
      block = gathered.gradient;
      for (let r = 0; r < rows; r++) {
        const from = r * input.width + at;
        block.set(gradient.subarray(from, from + width), r * width);
      }
    }
    const by = scale(gathered.lookup.table);
    // Nothing learns from held-out examples: a gradient of zero would still be a step.
    if (by === 0) continue;
    if (!store.scatter(gathered, task, block, by)) return gathered.lookup.table;
  }
  return null;
}

const mixed = (model: TensorModel, input: string): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what: "tables of several owners side by side",
    where: `${model.name}, input ${input}`,
    remedy: "give each owner's lookups an input of their own",
  });

function notWhole(model: TensorModel, gathered: Gathered, size: number): GradpoolError {
  const table = model.tables.find((spec: TableSpec) => spec.name === gathered.lookup.table);
  return new GradpoolError({
    code: "shape",
    what: `a lookup of ${gathered.lookup.size} rows (width ${table?.dim ?? 0}) in a batch of ${size}`,
    where: `${model.name}, table ${gathered.lookup.table}`,
    remedy: "give lookups of the batch's size, or of a multiple of it",
  });
}
