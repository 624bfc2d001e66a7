import {
  columnSums,
  type GradientPool,
  type GramSet,
  type Method,
  type OptionSchema,
  type PoolContext,
  learnedOptions,
  requireFinite,
  resolveOptions,
} from "@gradpool/core";
import { begin, type GradNormOptions, type GradNormState, weigh } from "./weigh.js";

export type { GradNormOptions, GradNormState } from "./weigh.js";

const options = {
  alpha: { type: "number", min: 0, default: 1.5, description: "how strongly slow tasks are pulled up; 0: equal norms" },
  parametrisation: {
    type: "enum",
    values: ["softmax", "renormalise"],
    default: "softmax",
    description: "w = T softmax(s), or w itself, kept above 0 and of sum T (the paper)",
  },
  on: {
    type: "enum",
    values: ["last", "model"],
    default: "last",
    description: "norms of the last shared tensor, or of all",
  },
  initialLosses: {
    type: "vector",
    min: 0,
    exclusiveMin: true,
    default: null,
    description: "what losses are relative to; null: the first that a task shows",
  },
  warmup: {
    type: "enum",
    values: ["none", "epoch"],
    default: "none",
    description: "epoch: equal weights in the first epoch, whose mean losses are then the initial ones",
  },
  ...learnedOptions,
} satisfies OptionSchema;

/**
 * GradNorm: Gᵢ = wᵢnᵢ the weighted norms of one group, Ḡ their mean; rᵢ = (Lᵢ/Lᵢ⁰) / meanⱼ(Lⱼ/Lⱼ⁰) how far behind a task is; w steps
 * down Σ |Gᵢ − Ḡ rᵢ^α|, the target Ḡ rᵢ^α held constant: with uᵢ = sign(Gᵢ − Ḡrᵢ^α) nᵢ (0 within 1e-14 Ḡ), the slope is uᵢ, or through
 * w = T softmax(s) wₖ(uₖ − Σ uᵢwᵢ/T). Combined = Σ wᵢgᵢ over everything shared, with the weights before the step.
 *
 * The group: the last shared tensor (`on: "last"`, the paper's practice), which at the level `representation` is the representation.
 * Losses must not be negative, initial ones above 0. Diagnostics: weights, `norms` (G), `rates` (r).
 *
 * Source: Chen et al. 2018, algorithm 1; the softmax is LibMTL's. **Choice:** "renormalise" clamps w at 0, without which it goes negative.
 */
export function gradnorm(given: Partial<GradNormOptions> = {}): GradientPool<GradNormState> {
  const resolved = resolveOptions<GradNormOptions>("gradnorm", options, given);

  function mix(grams: GramSet, context: PoolContext, state: GradNormState) {
    requireFinite("gradnorm", grams, context);
    const { tasks, size } = grams;
    const decided = weigh(grams, context, state, resolved);
    const matrices = new Float64Array(size * tasks);
    for (let g = 0; g < size; g++) matrices.set(decided.weights, g * tasks);
    return { mixing: { granularity: "parameter" as const, diagonal: true, matrices }, state: decided.state };
  }

  return {
    spec: 1,
    name: "gradnorm",
    options: resolved,
    needs: "norms",
    granularity: "parameter",
    level: "representation",
    init: (tasks) => begin(tasks),
    mix,
    pool(gradients, context, state) {
      const { mixing, state: next } = mix(gradients.gram("parameter", "norms"), context, state);
      const weights = columnSums(mixing, gradients.tasks);
      return { combined: gradients.combine({ granularity: "parameter", weights }), state: next };
    },
  };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "gradnorm",
    summary: "Learns weights under which weighted gradient norms follow how far behind each task is.",
    paper: {
      title: "GradNorm: Gradient Normalization for Adaptive Loss Balancing in Deep Multitask Networks",
      authors: "Zhao Chen, Vijay Badrinarayanan, Chen-Yu Lee, Andrew Rabinovich",
      year: 2018,
      venue: "ICML",
      url: "https://arxiv.org/abs/1711.02257",
    },
    options,
    levels: ["representation", "parameters"],
    granularities: [],
    properties: {
      nonConflicting: "weights change magnitudes, not directions",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "weights start equal, and move by small steps",
      targetDescent: "auxiliaries may outweigh the target",
    },
    create: gradnorm,
  },
];
