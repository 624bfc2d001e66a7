import { type Arena } from "../memory/arena.js";
import { type Scratch, scratch } from "../memory/scratch.js";
import { wasmArena } from "../memory/wasm-arena.js";
import type { Crew } from "../threads/crew.js";

/** A memory beside a tfjs, with our kernels: tensors are copied there, and what becomes of them back. */
export interface Beside {
  readonly kernels: Arena["kernels"];
  readonly arena: Arena;
  readonly left: Scratch;
  readonly right: Scratch;
  readonly out: Scratch;
}

const mostBytes = 2 ** 31;
/** Of steps on one thread. */
const nobody = {};
const memories = new WeakMap<object, Beside>();
let current: object = nobody;

/** Runs a step whose products a crew is to share: kernels of a backend know nothing of who calls them. */
export function sharedBy<R>(crew: Crew | undefined, work: () => R): R {
  const before = current;
  current = crew ?? nobody;
  try {
    return work();
  } finally {
    current = before;
  }
}

/** The memory of whoever is at work. */
export function beside(): Beside {
  const known = memories.get(current);
  if (known !== undefined) return known;
  const arena = wasmArena(mostBytes, current === nobody ? undefined : (current as Crew));
  const made = { kernels: arena.kernels, arena, left: scratch(arena), right: scratch(arena), out: scratch(arena) };
  memories.set(current, made);
  return made;
}
