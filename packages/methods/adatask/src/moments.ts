import { type FloatArray, type PackedRows, packedRows, writeRows } from "@gradpool/core";

export interface AdataskState {
  /** Steps per task, of dense parameters. */
  readonly counts: Float64Array;
  /** m of T × size, then v of T × size. */
  readonly tensors: Readonly<Record<string, Float64Array>>;
  /** Per row: m of T × width, v of T × width, and T counters. */
  readonly rows: Readonly<Record<string, PackedRows>>;
}

export interface Asked {
  /** Tasks present. */
  readonly index: readonly number[];
  readonly counts: Float64Array;
  readonly shares: readonly number[];
  readonly b1: number;
  readonly b2: number;
  readonly eps: number;
  readonly donate: boolean;
}

interface Place {
  readonly g: FloatArray;
  readonly from: number;
  readonly count: number;
  /** Where m and v begin in `moments`. */
  readonly m: number;
  readonly v: number;
  readonly steps: number;
  readonly share: number;
}

/** Moves one task's moments by one gradient, and adds its part to the update. */
function move(place: Place, moments: Float64Array, update: Float64Array, { b1, b2, eps }: Asked): void {
  const { g, from, count, m, v, steps, share } = place;
  const [c1, c2] = [1 - b1 ** steps, 1 - b2 ** steps];
  for (let p = 0; p < count; p++) {
    const x = share * (g[from + p] as number);
    const first = b1 * (moments[m + p] as number) + (1 - b1) * x;
    const second = b2 * (moments[v + p] as number) + (1 - b2) * x * x;
    moments[m + p] = first;
    moments[v + p] = second;
    const below = Math.sqrt(second / c2) + eps;
    if (below > 0) update[from + p] = (update[from + p] as number) + first / c1 / below;
  }
}

/** A dense parameter; one whose size has changed starts anew. */
export function moveTensor(
  own: readonly FloatArray[],
  size: number,
  held: Float64Array | undefined,
  asked: Asked,
): { readonly update: Float64Array; readonly moments: Float64Array } {
  const tasks = own.length;
  const keep = held?.length === 2 * tasks * size;
  const moments = !keep ? new Float64Array(2 * tasks * size) : asked.donate ? held : held.slice();
  const update = new Float64Array(size);
  for (const i of asked.index) {
    const g = own[i] as FloatArray;
    const place = { g, from: 0, count: size, m: i * size, v: (tasks + i) * size };
    move({ ...place, steps: asked.counts[i] as number, share: asked.shares[i] as number }, moments, update, asked);
  }
  return { update, moments };
}

/** A table's touched rows: a task moves the rows in which its gradient is not zero. */
export function moveRows(
  own: readonly FloatArray[],
  { ids, width }: { readonly ids: Int32Array; readonly width: number },
  held: PackedRows | undefined,
  asked: Asked,
): { readonly update: Float64Array; readonly rows: PackedRows } {
  const tasks = own.length;
  const stride = 2 * tasks * width + tasks;
  const writer = writeRows(held ?? packedRows(stride), asked.donate && held !== undefined);
  const row = new Float64Array(stride);
  const update = new Float64Array(ids.length * width);
  for (let r = 0; r < ids.length; r++) {
    if (!writer.read(ids[r] as number, row)) row.fill(0);
    let moved = false;
    for (const i of asked.index) {
      const g = own[i] as FloatArray;
      if (!touches(g, r * width, width)) continue;
      moved = true;
      const at = 2 * tasks * width + i;
      row[at] = (row[at] as number) + 1;
      const place = { g, from: r * width, count: width, m: i * width, v: (tasks + i) * width };
      move({ ...place, steps: row[at] as number, share: asked.shares[i] as number }, row, update, asked);
    }
    if (moved) writer.write(ids[r] as number, row);
  }
  return { update, rows: writer.done() };
}

function touches(g: FloatArray, from: number, count: number): boolean {
  for (let p = 0; p < count; p++) if (g[from + p] !== 0) return true;
  return false;
}
