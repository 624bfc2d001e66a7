import {
  definePool,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  type Learned,
  type LearnedOptions,
  learnedOptions,
  type Method,
  type OptionSchema,
  type PerGroup,
  readRatioLoss,
  resolveOptions,
  startLearned,
} from "@gradpool/core";
import { equalProjections } from "@gradpool/linalg";
import { guardOption, properties, variants } from "./guard.js";
import { learnScales } from "./loss.js";
import { paper } from "./paper.js";

export interface ImtlFullOptions extends LearnedOptions {
  /** `none` (default, as published), or `descent`: −d where d climbs for every task. */
  readonly guard: "none" | "descent";
  readonly granularity: Granularity;
}

const options = {
  ...learnedOptions,
  guard: guardOption,
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * The whole of IMTL: IMTL-G on the rows e^{sᵢ} gᵢ, Σ a = 1, so that the weights on g are aᵢ e^{sᵢ}; s as in {@link imtlL}. Equal
 * projections are blind to the rows' scale but for a's sign and length: the L part sets how long the shared step is. The paper's heads take
 * e^{sᵢ} gᵢ; a pool sees no head, so that here they take gᵢ, which an optimiser such as Adam makes the same of.
 *
 * Diagnostics: weights, `projection`, `degenerate`, `uphill` (published direction climbs for every task).
 *
 * Source: Liu et al. 2021, algorithm 1.
 */
export function imtlFull(given: Partial<ImtlFullOptions> = {}): GradientPool<PerGroup<Learned> | null> {
  const resolved = resolveOptions<ImtlFullOptions>("imtl-full", options, given);
  return definePool<Learned>({
    name: "imtl-full",
    options: resolved,
    granularity: resolved.granularity,
    init: ({ names }) => startLearned(names.length),
    weigh(gram, context, state) {
      const losses = gram.index.map((i) => readRatioLoss("imtl-full", context, i));
      const scales = Float64Array.from(gram.index, (i) => Math.exp(state.values[i] as number));
      const rows = gram.norms.map((norm, a) => norm * (scales[a] as number));
      const { weights, ...said } = equalProjections(rows, gram.cosines, gram.size, resolved.guard === "descent");
      const onGradients = weights.map((a, i) => a * (scales[i] as number));
      return {
        weights: onGradients,
        state: learnScales(state, gram.index, losses, resolved),
        diagnostics: { ...said, weights: Array.from(onGradients) },
      };
    },
  });
}

export const imtlFullMethod: Method = {
  spec: 1,
  name: "imtl-full",
  summary:
    "The whole of IMTL: equal projections for the direction of the shared step, learned scales of the losses for its length.",
  paper,
  options,
  levels: ["parameters", "representation"],
  granularities,
  properties,
  variants,
  create: imtlFull,
};
