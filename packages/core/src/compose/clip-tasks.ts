import { GradpoolError } from "../errors.js";
import { given } from "../given.js";
import type { CrossGram, FloatArray, GramSet, GroupWeights, TaskGradients } from "../gradients.js";
import { crossGram } from "../reference/batches.js";
import type { GradientPool } from "../pool.js";

/**
 * The same pool, shown gradients of limited norms: gᵢ · min(1, limit / ‖gᵢ‖), the norm over all that the pool sees. Not to be confused
 * with a limit on the combined gradient, which comes after pooling and is the trainer's (`clip`). Costs the tasks' norms, which a pool of whole
 * Grams has computed in any case. Where no norm is above the limit, every bit is as without it.
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
  // Neither can be told of scaled gradients: the decision from a Gram, an optimiser's moments in place of the pool.
  const { mix: _mix, moments: _moments, ...rest } = pool;
  // Norms alone would be a pass of their own, before that of the Gram which the pool will ask for.
  const detail = pool.needs === "gram" && pool.granularity !== "row" ? "gram" : "norms";
  const within = (gradients: TaskGradients): TaskGradients => limited(gradients, limit, detail);
  return {
    ...rest,
    options: { ...pool.options, clipTasks: limit },
    pool(gradients, context, state) {
      const { second, third } = context;
      const more = given({ second: second && within(second), third: third && within(third) });
      return pool.pool(within(gradients), { ...context, ...more }, state);
    },
  };
}

function limited(gradients: TaskGradients, limit: number, detail: "norms" | "gram"): TaskGradients {
  const { norms } = gradients.gram("model", detail);
  const scales = Float64Array.from({ length: gradients.tasks }, (_value, i) => {
    const norm = norms[i] as number;
    return norm > limit ? limit / norm : 1;
  });
  return scales.every((scale) => scale === 1) ? gradients : scaled(gradients, scales);
}

/** What lies behind scaled gradients. */
const originals = new WeakMap<TaskGradients, { readonly gradients: TaskGradients; readonly scales: Float64Array }>();

/** Task i's gradient times scales[i]. What is combined is combined of the gradients behind it. */
function scaled(gradients: TaskGradients, scales: Float64Array): TaskGradients {
  const { tasks } = gradients;
  const times = (values: Float64Array): Float64Array => values.map((value, k) => value * (scales[k % tasks] as number));
  const shown: TaskGradients = {
    tasks,
    present: gradients.present,
    parameters: gradients.parameters,
    cross(other, granularity): CrossGram {
      const behind = originals.get(other);
      const set = crossGram(gradients, behind?.gradients ?? other, granularity);
      const others = set.others.map((norm, k) => norm * (behind?.scales[k % tasks] ?? 1));
      return { ...set, norms: times(set.norms), others };
    },
    gram(granularity, detail): GramSet {
      const set = gradients.gram(granularity, detail);
      return { ...set, norms: times(set.norms) };
    },
    combine: ({ granularity, weights }: GroupWeights) => gradients.combine({ granularity, weights: times(weights) }),
    values: (parameter) =>
      gradients.values(parameter).map((own, i): FloatArray => own.map((x) => x * (scales[i] as number))),
    assemble: (values) => gradients.assemble(values),
  };
  originals.set(shown, { gradients, scales });
  return shown;
}
