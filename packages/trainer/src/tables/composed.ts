import type { Arena } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";
import { type Added, addedMemory, addRows } from "./added.js";
import type { HeldTable } from "./table.js";

/** Rows at a time. */
const rowsAtOnce = 4096;

/**
 * All rows of a table with what they have beside themselves, as a step reads them, to the bit. Of owners that training does not show the
 * own row has learnt nothing of what they chose: the mean of the others' stands for it. Costs the table: for scoring.
 */
export function composedRows(table: HeldTable, added: Added, main: Arena): Float32Array {
  const { rows, dim } = table.spec;
  const out = Float32Array.from(table.weights);
  standIn(out, dim, added.rows.shown);
  const memory = addedMemory(added.table.arena);
  const block = scratch(main);
  const ids = Int32Array.from({ length: rows }, (_, row) => row);
  for (let from = 0; from < rows; from += rowsAtOnce) {
    const asked = { ids: ids.subarray(from), size: Math.min(rowsAtOnce, rows - from) };
    const own = out.subarray(from * dim, (from + asked.size) * dim);
    block.need(4 * own.length).f32.set(own);
    addRows(added, asked, memory, block, { main, step: null });
    own.set(block.region.f32.subarray(0, own.length));
  }
  for (const one of Object.values(memory)) added.table.arena.free(one.region);
  main.free(block.region);
  return out;
}

/** Writes the mean of the rows that training shows to the others; nothing where it shows all or none. */
export function standIn(values: Float32Array, dim: number, shown: Uint8Array): void {
  const sums = new Float64Array(dim);
  let count = 0;
  for (const [row, seen] of shown.entries()) {
    if (seen === 0) continue;
    count++;
    for (let c = 0; c < dim; c++) sums[c] = (sums[c] as number) + (values[row * dim + c] as number);
  }
  if (count === 0 || count === shown.length) return;
  const mean = Float32Array.from(sums, (sum) => sum / count);
  for (const [row, seen] of shown.entries()) if (seen === 0) values.set(mean, row * dim);
}
