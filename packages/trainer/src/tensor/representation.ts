import type { FloatArray } from "@gradpool/core";
import type { GradientPart } from "../gradients/part.js";
import type { Arena } from "../memory/arena.js";
import { type Scratch, scratch } from "../memory/scratch.js";
import type { Arrived } from "./heads/pass.js";

/** Name of the representation where parameters are named: in pools' states, diagnostics and errors. */
export const representationName = "representation";

/** The heads' gradients of the cut as the pool sees them: its tensors joined, as one parameter. */
export interface RepresentationMemory {
  /** Takes what arrives at the cut, `size` numbers, in this step. Answers with a task whose gradient is not finite, or −1. */
  load(arrived: Arrived, present: readonly boolean[], size: number): number;
  part(): GradientPart;
}

/** Squared norms that float32 can tell from zero and from infinity, with room for cosines of 1e-6 between them. */
const safe = (square: number): boolean => square > 1e-24 && square < 1e24;

/**
 * The Gram comes from the device where it can be had there without copies, and from the host, in float64, where not: for heads of
 * different shapes, and for gradients so small or large that their squares leave float32.
 */
export function representationMemory(arena: Arena, tasks: number): RepresentationMemory {
  const rows: Scratch[] = Array.from({ length: tasks }, () => scratch(arena));
  const cells = arena.allocate(8 * tasks * tasks);
  const positions = arena.allocate(4 * tasks);
  let size = 0;
  let here: readonly boolean[] = [];
  let from: Arrived | null = null;
  let onHost = false;
  let known: Float64Array = new Float64Array(0);

  function fetch(): void {
    if (onHost || from === null) return;
    onHost = true;
    for (const [t, present] of here.entries()) {
      if (!present) continue;
      const row = (rows[t] as Scratch).need(4 * size).f32;
      let at = 0;
      for (const tensor of from.one(t)) {
        row.set(tensor.dataSync() as Float32Array, at);
        at += tensor.size;
      }
    }
  }

  function hostGram(): Float64Array {
    fetch();
    const fallback = rows[Math.max(0, here.indexOf(true))] as Scratch;
    here.forEach((present, t) => (positions.i32[t] = present ? 0 : -1));
    const sources = rows.map((row, t) => (here[t] === true ? row : fallback).region.f32);
    cells.f64.fill(0, 0, tasks * tasks);
    const of = { positions: positions.i32, tasks, sums: sources, used: 1, dim: size };
    arena.kernels.gram(of, { normsOnly: false, ranks: null }, cells.f64);
    return cells.f64.slice(0, tasks * tasks);
  }

  return {
    load(arrived, present, length) {
      from = arrived;
      here = present;
      size = length;
      onHost = false;
      const device = arrived.gram();
      const good = device !== null && present.every((p, t) => !p || safe(device[t * tasks + t] as number));
      known = good ? device : hostGram();
      return present.findIndex((p, t) => p && !Number.isFinite(known[t * tasks + t]));
    },
    part: () => ({
      tasks,
      parameters: [{ name: representationName, kind: "dense", size, width: 1 }],
      gram: () => known,
      values() {
        fetch();
        return here.map((present, t): FloatArray =>
          present ? (rows[t] as Scratch).region.f32.subarray(0, size) : new Float32Array(size),
        );
      },
    }),
  };
}
