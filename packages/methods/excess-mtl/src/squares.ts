import { type FloatArray, type PackedRows, packedRows, type TaskGradients, writeRows } from "@gradpool/core";
import type { ExcessMtlState } from "./raise.js";

interface Accumulated extends Pick<ExcessMtlState, "roots" | "rows"> {
  /** e per task of the index. */
  readonly excess: number[];
}

/**
 * √S ← √(S + g²) over all coordinates of the tasks in `index`, and Σ g²/√(S + eps) with it. The root is held, and taken by `hypot` where
 * squares leave float64. A dense parameter whose size changes (the last batch, at the representation) starts anew.
 */
export function accumulate(
  gradients: TaskGradients,
  index: readonly number[],
  state: Pick<ExcessMtlState, "roots" | "rows">,
  { eps, donate }: { readonly eps: number; readonly donate: boolean },
): Accumulated {
  const roots: Record<string, Float64Array> = { ...state.roots };
  const rows: Record<string, PackedRows> = { ...state.rows };
  const excess = index.map(() => 0);
  const { tasks } = gradients;
  for (const { name, kind, size, width, ids } of gradients.parameters) {
    const values = gradients.values(name);
    const own = index.map((i) => values[i] as FloatArray);
    if (kind === "dense" || ids === undefined) {
      const held = roots[name];
      const root = held?.length !== tasks * size ? new Float64Array(tasks * size) : donate ? held : held.slice();
      index.forEach(
        (i, a) => (excess[a] = (excess[a] as number) + add(own[a] as FloatArray, 0, size, root, i * size, eps)),
      );
      roots[name] = root;
      continue;
    }
    const held = rows[name];
    const writer = writeRows(held ?? packedRows(tasks * width), donate && held !== undefined);
    const row = new Float64Array(tasks * width);
    for (let r = 0; r < ids.length; r++) {
      if (!writer.read(ids[r] as number, row)) row.fill(0);
      index.forEach((i, a) => {
        excess[a] = (excess[a] as number) + add(own[a] as FloatArray, r * width, width, row, i * width, eps);
      });
      writer.write(ids[r] as number, row);
    }
    rows[name] = writer.done();
  }
  return { roots, rows, excess };
}

function add(g: FloatArray, from: number, count: number, root: Float64Array, at: number, eps: number): number {
  let sum = 0;
  for (let p = 0; p < count; p++) {
    const x = Math.abs(g[from + p] as number);
    if (x === 0) continue;
    const before = root[at + p] as number;
    const square = before * before + x * x;
    const now = square > 1e-290 && square < 1e300 ? Math.sqrt(square) : Math.hypot(before, x);
    root[at + p] = now;
    sum += x * (x / (eps === 0 ? now : Math.sqrt(now * now + eps)));
  }
  return sum;
}
