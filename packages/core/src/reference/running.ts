import { GradpoolError } from "../errors.js";
import type { FloatArray, TaskGradients } from "../gradients.js";
import { taskGradients } from "./task-gradients.js";

/** Running averages of the T gradients, by parameter. Plain data: T × P numbers. */
export type RunningGradients = Readonly<Record<string, readonly FloatArray[]>>;

export interface RunningStep {
  /** The averages as task gradients, with the same parameters and tasks. */
  readonly gradients: TaskGradients;
  readonly state: RunningGradients;
  /** Parameters whose averages began at zero in this step: new ones, and those whose size has changed. */
  readonly started: readonly string[];
}

/**
 * yᵢ ← yᵢ + rate · (fᵢ gᵢ − yᵢ) for the tasks that are present, from 0. For dense parameters and for a representation
 * whose batches have one size: where the size changes (the last batch of an epoch), the average starts again.
 * A table is an error: an average would touch every row in every step.
 * `factors`: fᵢ per task, default 1. `donate`: the averages passed in may be overwritten.
 */
export function runningGradients(
  pool: string,
  gradients: TaskGradients,
  held: RunningGradients,
  { rate, factors, donate = false }: { rate: number; factors?: ArrayLike<number>; donate?: boolean },
): RunningStep {
  const state: Record<string, readonly FloatArray[]> = { ...held };
  const started: string[] = [];
  for (const { name, kind, size } of gradients.parameters) {
    if (kind === "rows") {
      throw new GradpoolError({
        code: "unsupported",
        what: `no running gradients of the table ${name}`,
        where: pool,
        remedy: "place the pool at the representation level (atRepresentation), or share dense parameters only",
      });
    }
    const values = gradients.values(name);
    const before = held[name];
    const keep = before !== undefined && before.every((y) => y.length === size) && before.length === values.length;
    if (!keep) started.push(name);
    state[name] = values.map((g, i) => {
      const old = keep ? (before[i] as FloatArray) : undefined;
      const single = g instanceof Float32Array && (old === undefined || old instanceof Float32Array);
      const y =
        old === undefined ? (single ? new Float32Array(size) : new Float64Array(size)) : donate ? old : old.slice();
      if (gradients.present[i] !== true) return y;
      const factor = factors?.[i] ?? 1;
      for (let p = 0; p < size; p++) y[p] = (y[p] as number) + rate * (factor * (g[p] as number) - (y[p] as number));
      return y;
    });
  }
  const parameters = gradients.parameters.map(({ name }) => ({ name, values: state[name] as readonly FloatArray[] }));
  return { gradients: taskGradients({ parameters, present: gradients.present }), state, started };
}
