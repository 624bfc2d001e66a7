import {
  columnSums,
  definePool,
  type GradientPool,
  GradpoolError,
  type Gram,
  type GramSet,
  type Method,
  type OptionSchema,
  type PoolContext,
  requireFinite,
  resolveOptions,
  type TaskGradients,
  taskVector,
} from "@gradpool/core";
import { equalProjections, minNormPoint } from "@gradpool/linalg";

type Rule = (gram: Gram) => ArrayLike<number>;

/** The rules that have a name here (one method does not import another); any other pool can be wrapped by {@link smoothed}. */
const rules: Readonly<Record<"imtl" | "mgda" | "mean", Rule>> = {
  imtl: ({ norms, cosines, size }) => equalProjections(norms, cosines, size).weights,
  mgda: ({ norms, cosines, size }) => minNormPoint(norms, cosines, size).weights,
  mean: ({ size }) => new Float64Array(size).fill(1 / size),
};

const named = (name: keyof typeof rules): GradientPool =>
  definePool({
    name,
    options: {},
    needs: name === "mean" ? "norms" : "gram",
    weigh: (gram) => ({ weights: rules[name](gram) }),
  }) as GradientPool;

export interface SmoothedOptions {
  /** α ∈ [0, 1], default 0.9: how much of the last weights is kept. */
  readonly alpha: number;
  /** Per task, what the average starts from; default null: the first weights. */
  readonly initialWeights: readonly number[] | null;
}

export interface CrMogmOptions extends SmoothedOptions {
  /** The pool whose weights are smoothed, default `imtl`. */
  readonly inner: keyof typeof rules;
}

const smoothing = {
  alpha: { type: "number", min: 0, max: 1, default: 0.9, description: "how much of the last weights is kept" },
  initialWeights: {
    type: "vector",
    default: null,
    description: "what the average starts from; null: the first weights",
  },
} satisfies OptionSchema;

const options = {
  inner: {
    type: "enum",
    values: ["imtl", "mgda", "mean"],
    default: "imtl",
    description: "the pool whose weights are smoothed",
  },
  ...smoothing,
} satisfies OptionSchema;

/** Averaged weights, groups × T (NaN: none yet), by the ids of what they are about; and the inner pool's state. */
export interface CrMogmState {
  readonly weights: Float64Array | null;
  readonly inner: unknown;
}

/**
 * CR-MOGM over any pool of whole models: wᵢ ← α wᵢ + (1−α) ŵᵢ, ŵ the inner pool's weights (of a mixing, its column sums); combined =
 * Σ wᵢgᵢ. w starts at `initialWeights`, or at the first ŵ. A task that is left out keeps its w. To schedule α, ask a pool of another α
 * with the same state. Smoothed weights may conflict, even over a pool that never does.
 *
 * @throws GradpoolError `unsupported` for a pool without weights, or with weights per parameter or row
 *
 * Source: Zhou et al. 2022, algorithm 1.
 */
export function smoothed(pool: GradientPool, given: Partial<SmoothedOptions> = {}): GradientPool<CrMogmState> {
  return wrap(pool, resolveOptions<SmoothedOptions>("cr-mogm", smoothing, given), {
    inner: { name: pool.name, options: pool.options },
  });
}

/** {@link smoothed} over a pool by its name. */
export function crMogm(given: Partial<CrMogmOptions> = {}): GradientPool<CrMogmState> {
  const resolved = resolveOptions<CrMogmOptions>("cr-mogm", options, given);
  return wrap(named(resolved.inner), resolved, { inner: resolved.inner });
}

function wrap(
  pool: GradientPool,
  { alpha, initialWeights }: SmoothedOptions,
  said: GradientPool["options"],
): GradientPool<CrMogmState> {
  if (pool.mix === undefined || pool.granularity !== "model") {
    throw new GradpoolError({
      code: "unsupported",
      what: `${pool.name} ${pool.mix === undefined ? "answers without weights" : `has weights per ${pool.granularity}`}`,
      where: "cr-mogm",
      remedy: "wrap a pool that decides from norms, Grams or losses, for the whole model",
    });
  }
  const decide = pool.mix.bind(pool);

  function mix(grams: GramSet, context: PoolContext, state: CrMogmState) {
    const { tasks, present, norms } = grams;
    const asked = decide(grams, context, state.inner);
    const fresh = columnSums(asked.mixing, tasks);
    const start = taskVector("cr-mogm", "initialWeights", initialWeights, context, NaN);
    const held = state.weights ?? Float64Array.from(start);
    const weights = new Float64Array(tasks);
    const next = held.slice();
    for (let i = 0; i < tasks; i++) {
      if (present[i] !== true || (pool.needs !== "losses" && norms[i] === 0)) continue;
      const before = held[i] as number;
      next[i] = Number.isNaN(before) ? (fresh[i] as number) : alpha * before + (1 - alpha) * (fresh[i] as number);
      weights[i] = next[i] as number;
    }
    context.report?.({ pool: "cr-mogm", values: { weights: Array.from(weights), fresh: Array.from(fresh) } });
    const mixing = { granularity: "model" as const, diagonal: true, matrices: weights };
    return { mixing, state: { weights: next, inner: asked.state } };
  }

  return {
    spec: 1,
    name: "cr-mogm",
    options: { ...said, alpha, initialWeights: initialWeights === null ? null : [...initialWeights] },
    needs: pool.needs,
    granularity: "model",
    level: pool.level,
    init: (tasks) => ({ weights: null, inner: pool.init(tasks) }),
    mix,
    pool(gradients, context, state) {
      const grams =
        pool.needs === "losses"
          ? withoutNumbers(gradients)
          : gradients.gram("model", pool.needs === "gram" ? "gram" : "norms");
      requireFinite("cr-mogm", grams, context, () => gradients.gram("parameter", "norms"));
      const { mixing, state: next } = mix(grams, context, state);
      return { combined: gradients.combine({ granularity: "model", weights: mixing.matrices }), state: next };
    },
  };
}

/** What a pool of losses is shown: who is present. */
const withoutNumbers = ({ tasks, present }: TaskGradients): GramSet => ({
  granularity: "model",
  tasks,
  present,
  blocks: [{ parameter: null, count: 1 }],
  size: 1,
  norms: new Float64Array(tasks),
  cosines: new Float64Array(0),
});

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "cr-mogm",
    summary: "Averages the weights of another pool over the steps, so that small batches do not make them jump.",
    paper: {
      title: "On the Convergence of Stochastic Multi-Objective Gradient Manipulation and Beyond",
      authors: "Shiji Zhou, Wenpeng Zhang, Jiyan Jiang, Wenliang Zhong, Jinjie Gu, Wenwu Zhu",
      year: 2022,
      venue: "NeurIPS",
      url: "https://proceedings.neurips.cc/paper_files/paper/2022/hash/f91bd64a3620aad8e70a27ad9cb3ca57-Abstract-Conference.html",
    },
    options,
    levels: ["parameters", "representation"],
    granularities: ["model"],
    properties: {
      nonConflicting: "averaged weights belong to earlier gradients too",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "averaged weights belong to earlier gradients too",
      targetDescent: "averaged weights belong to earlier gradients too",
    },
    create: crMogm,
  },
];
