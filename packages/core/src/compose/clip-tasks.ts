import { GradpoolError } from "../errors.js";
import type { FloatArray, GramSet, GroupWeights, TaskGradients } from "../gradients.js";
import type { GradientPool } from "../pool.js";

/**
 * The same pool, shown gradients of limited norms: gᵢ · min(1, limit / ‖gᵢ‖), the norm over all that the pool sees. Not to be confused
 * with a limit on the combined gradient, which comes after pooling and is the trainer's (`clip`). Costs the tasks' norms. Where no
 * norm is above the limit, every bit is as without it.
 *
 * @param limit a positive number, in the gradients' unit
 * @throws GradpoolError `invalid-option` for no positive limit; `unsupported` for a pool of losses, which sees no gradient
 */
export function clipTasks<State>(pool: GradientPool<State>, limit: number): GradientPool<State> {
  if (!(limit > 0 && limit < Infinity)) {
    throw new GradpoolError({
      code: "invalid-option",
      what: `limit is ${limit}`,
      where: `clipTasks, pool ${pool.name}`,
      remedy: "give a positive number",
    });
  }
  if (pool.needs === "losses") {
    throw new GradpoolError({
      code: "unsupported",
      what: `${pool.name} sees no gradient`,
      where: "clipTasks",
      remedy: "limit the combined gradient after pooling, or choose a pool that looks at gradients",
    });
  }
  const { mix: _, ...rest } = pool;
  return {
    ...rest,
    options: { ...pool.options, clipTasks: limit },
    pool(gradients, context, state) {
      const { norms } = gradients.gram("model", "norms");
      const scales = Float64Array.from({ length: gradients.tasks }, (_value, i) => {
        const norm = norms[i] as number;
        return norm > limit ? limit / norm : 1;
      });
      const shown = scales.every((scale) => scale === 1) ? gradients : scaled(gradients, scales);
      return pool.pool(shown, context, state);
    },
  };
}

/** Task i's gradient times scales[i]. What is combined is combined of the gradients behind it. */
function scaled(gradients: TaskGradients, scales: Float64Array): TaskGradients {
  const { tasks } = gradients;
  const times = (values: Float64Array): Float64Array => values.map((value, k) => value * (scales[k % tasks] as number));
  return {
    tasks,
    present: gradients.present,
    parameters: gradients.parameters,
    gram(granularity, detail): GramSet {
      const set = gradients.gram(granularity, detail);
      return { ...set, norms: times(set.norms) };
    },
    combine: ({ granularity, weights }: GroupWeights) => gradients.combine({ granularity, weights: times(weights) }),
    values: (parameter) =>
      gradients.values(parameter).map((own, i): FloatArray => own.map((x) => x * (scales[i] as number))),
    assemble: (values) => gradients.assemble(values),
  };
}
