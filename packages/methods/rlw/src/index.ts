import {
  defineLossPool,
  type GradientPool,
  type JsonObject,
  type Losses,
  type Method,
  type OptionSchema,
  type PoolContext,
  type Random,
  resolveOptions,
} from "@gradpool/core";

export type RlwDistribution = "normal" | "uniform" | "dirichlet" | "bernoulli";

export interface RlwOptions {
  /** `step` (default): fresh weights for every step. `epoch`: drawn at an epoch's first step and kept in the state. */
  readonly every: "step" | "epoch";
  /** What is drawn, default `normal`; see {@link rlw}. */
  readonly distribution: RlwDistribution;
}

/** The epoch that the draws belong to and one draw per task; null before the first step and with `every: "step"`. */
export type RlwState = { readonly epoch: number; readonly draws: readonly number[] } | null;

const options = {
  every: { type: "enum", values: ["step", "epoch"], default: "step", description: "how often weights are drawn" },
  distribution: {
    type: "enum",
    values: ["normal", "uniform", "dirichlet", "bernoulli"],
    default: "normal",
    description: "softmax of normal or uniform draws, a flat Dirichlet, or a random non-empty subset",
  },
} satisfies OptionSchema;

/** Positive numbers, one per task, whose normalised values are the weights. */
const draw: Record<RlwDistribution, (random: Random) => number> = {
  normal: (random) => Math.exp(random.normal()),
  uniform: (random) => Math.exp(random.uniform()),
  dirichlet: (random) => -Math.log(1 - random.uniform()),
  bernoulli: (random) => random.int(2),
};

/**
 * Random loss weighting: combined = Σ wᵢ gᵢ with Σ w = 1 over the tasks present and wᵢ = dᵢ / Σ d from independent draws:
 * `normal` d = exp z, z ~ N(0, 1), so w = softmax(z); `uniform` d = exp u, u ~ U(0, 1); `dirichlet` w ~ Dir(1, …, 1);
 * `bernoulli` d ∈ {0, 1} with probability ½, drawn again while all are 0. One backward pass of Σ wᵢ Lᵢ; T draws a step.
 * With `every: "epoch"` and `bernoulli`, a step in which no drawn task is present has zero weights.
 *
 * Source: Lin et al. 2022, §3.1; `every: "epoch"` as the PMTRec paper describes its baseline.
 */
export function rlw(given: Partial<RlwOptions> = {}): GradientPool<RlwState> {
  const resolved = resolveOptions<RlwOptions>("rlw", options, given);
  return defineLossPool<RlwState>({
    name: "rlw",
    options: resolved,
    readsLosses: false,
    init: () => null,
    weigh({ index, size }: Losses, context: PoolContext, state) {
      if (resolved.every === "step") return { ...weigh(drawn(size, resolved, context.random)), state };
      const held =
        state?.epoch === context.epoch
          ? state
          : { epoch: context.epoch, draws: drawn(context.tasks.names.length, resolved, context.random) };
      return { ...weigh(index.map((task) => held.draws[task] as number)), state: held };
    },
  });
}

function drawn(count: number, { distribution }: RlwOptions, random: Random): readonly number[] {
  for (;;) {
    const draws = Array.from({ length: count }, () => draw[distribution](random));
    if (draws.some((value) => value > 0)) return draws;
  }
}

function weigh(draws: readonly number[]): { weights: readonly number[]; diagnostics: JsonObject } {
  const total = draws.reduce((sum, value) => sum + value, 0);
  const weights = draws.map((value) => (total > 0 ? value / total : 0));
  return { weights, diagnostics: { weights } };
}

const sum = "a weighted sum may point against any of its terms";

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "rlw",
    summary: "Random loss weighting: the tasks' weights are drawn afresh in every step or epoch.",
    paper: {
      title: "Reasonable Effectiveness of Random Weighting: A Litmus Test for Multi-Task Learning",
      authors: "Baijiong Lin, Feiyang Ye, Yu Zhang, Ivor W. Tsang",
      year: 2022,
      venue: "Transactions on Machine Learning Research",
      url: "https://arxiv.org/abs/2111.10603",
    },
    options,
    levels: ["losses"],
    granularities: [],
    properties: {
      nonConflicting: sum,
      permutationEquivariant: "each task's weight is drawn in turn",
      scaleLinear: true,
      taskScaleInvariant: "the largest gradient has the largest say",
      targetDescent: "auxiliaries may outweigh the target",
    },
    variants: [{ options: { every: "epoch" }, properties: { scaleLinear: true } }],
    create: rlw,
  },
];
