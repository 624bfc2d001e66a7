import type { Accumulators } from "../../kernels/contract.js";
import type { Arena, Region } from "../../memory/arena.js";
import { quadratic } from "../../engine/limit.js";
import { cut, type DenseGroup, type DenseParameter } from "./groups.js";

/** Where gradients of dense variables are written: of shared ones one per term of the objective, of a task's own its own. */
export interface DenseGradients {
  of(group: DenseGroup, task: number, parameter: DenseParameter): Float32Array;
  /** Squared norm of task t's gradients of a group: not finite if any coordinate is not. */
  squaredNorm(group: DenseGroup, task: number): number;
  /** Raw inner products of tasks' gradients of a shared variable, T × T; absent tasks keep 0. */
  gram(parameter: DenseParameter, present: readonly boolean[], normsOnly: boolean, out: Float64Array): void;
  /** ‖Σ wᵢ gᵢ‖² of a shared variable, wᵀ G w, over the terms that are present. */
  weightedNorm(parameter: DenseParameter, present: readonly boolean[], weights: Float32Array): number;
  /** Gradients of a shared variable as accumulators of one row each; those of absent tasks are marked as missing. */
  accumulators(parameter: DenseParameter, present: readonly boolean[]): Accumulators;
  /** Of several batches: adds what is written to what was kept, and clears it. */
  keep(): void;
  /** Writes what was kept in place of what is there, and keeps nothing. */
  settle(): void;
  clear(): void;
  bytes(): number;
}

/** `terms`: how many gradients of a shared variable there may be, the tasks' and the regulariser's. */
export function denseGradients(arena: Arena, shared: DenseGroup, terms: number): DenseGradients {
  const { kernels } = arena;
  /** Per group by place: a task's for the shared variables, 0 for a head's. Made when first asked for. */
  const regions = new Map<DenseGroup, Region[]>();
  const kept = new Map<Region, Float32Array>();
  const positions = arena.allocate(4 * terms);
  const cells = arena.allocate(8 * terms ** 2);

  function regionOf(group: DenseGroup, task: number): Region {
    const list = regions.get(group) ?? [];
    regions.set(group, list);
    return (list[group === shared ? task : 0] ??= arena.allocate(4 * group.size));
  }

  function accumulators(parameter: DenseParameter, present: readonly boolean[]): Accumulators {
    const fallback = regionOf(shared, Math.max(0, present.indexOf(true)));
    // All are made before the first view is taken: memory may grow.
    const all = present.map((here, t) => (here ? regionOf(shared, t) : fallback));
    present.forEach((here, t) => (positions.i32[t] = here ? 0 : -1));
    const sums = all.map((region) => cut(region, parameter));
    return { positions: positions.i32, tasks: present.length, sums, used: 1, dim: parameter.size };
  }

  const made = (): Region[] => [...regions.values()].flatMap((list) => list.filter((region) => region !== undefined));

  return {
    of: (group, task, parameter) => cut(regionOf(group, task), parameter),
    squaredNorm(group, task) {
      const sum = regionOf(group, task).f32.subarray(0, group.size);
      cells.f64[0] = 0;
      positions.i32[0] = 0;
      const own = { positions: positions.i32, tasks: 1, sums: [sum], used: 1, dim: group.size };
      kernels.gram(own, { normsOnly: true, ranks: null }, cells.f64);
      return cells.f64[0] as number;
    },
    gram(parameter, present, normsOnly, out) {
      const all = accumulators(parameter, present);
      cells.f64.fill(0, 0, present.length ** 2);
      kernels.gram(all, { normsOnly, ranks: null }, cells.f64);
      out.set(cells.f64.subarray(0, present.length ** 2));
    },
    weightedNorm(parameter, present, weights) {
      const tasks = present.length;
      const all = accumulators(parameter, present);
      cells.f64.fill(0, 0, tasks ** 2);
      kernels.gram(all, { normsOnly: false, ranks: null }, cells.f64);
      return quadratic(cells.f64, weights, tasks, 1);
    },
    accumulators,
    keep() {
      for (const region of made()) {
        const { f32 } = region;
        const sum = kept.get(region) ?? new Float32Array(f32.length);
        kept.set(region, sum);
        for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + (f32[k] as number);
        f32.fill(0);
      }
    },
    settle() {
      for (const [region, sum] of kept) {
        region.f32.set(sum);
        sum.fill(0);
      }
    },
    clear() {
      for (const region of made()) region.f32.fill(0);
      for (const sum of kept.values()) sum.fill(0);
    },
    bytes() {
      let sum = positions.bytes + cells.bytes;
      for (const region of made()) sum += region.bytes;
      for (const { byteLength } of kept.values()) sum += byteLength;
      return sum;
    },
  };
}
