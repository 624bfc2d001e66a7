import type { Arena } from "../memory/arena.js";
import { scratch, type Scratch } from "../memory/scratch.js";
import type { Touched } from "./touched.js";

/** Rows with the tasks' gradients of a step, and where memory for what is made of them comes from. */
export interface GramSource {
  readonly arena: Arena;
  readonly touched: Pick<Touched, "used" | "accumulators" | "accumulated" | "ranks"> &
    Partial<Pick<Touched, "version">>;
}

/** What is kept of some touched rows from step to step: room, and what it holds. */
interface Held {
  readonly cells: Scratch;
  gram: { readonly version: number | undefined; readonly perRow: boolean; readonly normsOnly: boolean } | null;
}

const all = new WeakMap<GramSource["touched"], Held>();

function heldOf({ arena, touched }: GramSource): Held {
  const held = all.get(touched) ?? { cells: scratch(arena), gram: null };
  all.set(touched, held);
  return held;
}

/**
 * Raw inner products of all accumulators, T × T or touched rows × T × T: begun, and how to read them. What was computed of the same
 * gradients is not computed again: a limit of the norm costs a pool of Grams nothing.
 */
export function rowGram(source: GramSource, perRow: boolean, normsOnly: boolean): () => Float64Array {
  const { arena, touched } = source;
  const held = heldOf(source);
  const count = (perRow ? touched.used : 1) * touched.accumulators ** 2;
  const read = (): Float64Array => held.cells.region.f64.subarray(0, count);
  const { gram } = held;
  const { version } = touched;
  const known = version !== undefined && gram?.version === version && gram.perRow === perRow;
  if (known && (normsOnly || !gram.normsOnly)) return read;
  held.gram = { version, perRow, normsOnly };
  held.cells.need(8 * count);
  const ranks = perRow ? touched.ranks() : null;
  arena.kernels.gram(touched.accumulated(), { normsOnly, ranks }, held.cells.region.f64.fill(0, 0, count));
  return read;
}

/** ‖gradient‖ of each touched row and accumulator: begun, and how to read them. */
export function rowNorms(source: GramSource): () => Float64Array {
  const { arena, touched } = source;
  const held = heldOf(source);
  const count = touched.used * touched.accumulators;
  held.gram = null;
  held.cells.need(8 * count);
  const ranks = touched.ranks();
  arena.kernels.rowNorms(touched.accumulated(), ranks, held.cells.region.f64);
  return () => held.cells.region.f64.subarray(0, count);
}
