import { type GradientPool, poolContext, taskGradients, taskSet } from "@gradpool/core";

export interface PoolRun {
  readonly seed?: number;
  readonly target?: number;
  /** Sizes of the parameter tensors, in order; default: one tensor. */
  readonly shapes?: readonly (readonly number[])[];
  readonly order?: readonly (readonly number[])[];
  readonly epochs?: readonly number[];
  readonly losses?: readonly (readonly number[])[];
}

export interface PoolStep {
  readonly combined: number[];
  /** groups × T. */
  readonly weights: Float64Array | undefined;
}

/** Pools steps of T × P matrices, state carried from one to the next. */
export function poolSteps<S>(
  pool: GradientPool<S>,
  steps: readonly (readonly (readonly number[])[])[],
  run: PoolRun = {},
): { readonly steps: PoolStep[]; readonly state: S } {
  const tasks = taskSet(steps[0]?.length ?? 1, run.target ?? 0);
  let state = pool.init(tasks);
  const out = steps.map((gradients, k): PoolStep => {
    const parameters = split(gradients, run.shapes ?? [[gradients[0]?.length ?? 0]]);
    const order = run.order;
    const context = poolContext({
      tasks,
      seed: run.seed ?? 1,
      step: k + 1,
      epoch: run.epochs?.[k] ?? 1,
      ...(order === undefined ? {} : { order }),
      ...(run.losses === undefined ? {} : { losses: run.losses[k] as readonly number[] }),
    });
    const result = pool.pool(taskGradients({ parameters }), context, state);
    state = result.state;
    return {
      combined: parameters.flatMap(({ name }) => [...result.combined.value(name)]),
      weights: result.combined.weights?.weights,
    };
  });
  return { steps: out, state };
}

function split(gradients: readonly (readonly number[])[], shapes: readonly (readonly number[])[]) {
  let start = 0;
  return shapes.map((shape, k) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const from = start;
    start += size;
    return { name: `p${k}`, values: gradients.map((row) => Float64Array.from(row.slice(from, from + size))) };
  });
}
