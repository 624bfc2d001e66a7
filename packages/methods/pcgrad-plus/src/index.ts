import {
  definePool,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  type Gram,
  type GroupContext,
  type Method,
  type OptionSchema,
  type PerGroup,
  reductionOption,
  resolveOptions,
  visitOrder,
} from "@gradpool/core";

export interface PcgradPlusOptions {
  /** τ in [0, 1], default 0.1: how far every norm is moved towards the largest, as in GradCraft; 0 keeps the norms. */
  readonly tau: number;
  /** ε ≥ 0, default 0: after a projection ⟨v, ĝⱼ⟩ = ε‖ĝᵢ‖‖ĝⱼ‖ instead of 0. */
  readonly epsilon: number;
  /** How the projected rows become one gradient; `mean` by default, as in GradCraft. */
  readonly reduction: "sum" | "mean";
  readonly granularity: Granularity;
}

const options = {
  tau: { type: "number", min: 0, max: 1, default: 0.1, description: "how far norms are moved towards the largest" },
  epsilon: { type: "number", min: 0, default: 0, description: "cosine, per norms, that projected rows keep" },
  reduction: reductionOption("mean"),
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * PCGrad+, the baseline of GradCraft's table. Magnitude as in GradCraft: ĝᵢ = (τ maxⱼ nⱼ/nᵢ + 1 − τ) gᵢ. Direction as in
 * PCGrad: for each i, v = ĝᵢ; for each j ≠ i in a fresh random order, if ⟨v, ĝⱼ⟩ < 0 then
 * v += (ε‖ĝᵢ‖‖ĝⱼ‖ − ⟨v, ĝⱼ⟩)/‖ĝⱼ‖² ĝⱼ. Combined = mean of the v. The reference code adds ε to every coordinate instead of
 * along ĝⱼ: a defect that this does not copy. With τ = ε = 0 it is PCGrad.
 *
 * Source: Bai et al. 2024, §5 (baselines); https://github.com/baiyimeng/GradCraft (PCGradMagnitudePositive).
 */
export function pcgradPlus(given: Partial<PcgradPlusOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<PcgradPlusOptions>("pcgrad-plus", options, given);
  return definePool<null>({
    name: "pcgrad-plus",
    options: resolved,
    granularity: resolved.granularity,
    mix: (gram, context) => ({ mixing: operate(gram, context, resolved) }),
  });
}

function operate(gram: Gram, context: GroupContext, { tau, epsilon, reduction }: PcgradPlusOptions): Float64Array {
  const { size, norms, cosines, count } = gram;
  const largest = norms.reduce((a, b) => Math.max(a, b), 0);
  const factor = reduction === "mean" ? 1 / count : 1;
  const mixing = new Float64Array(size * size);
  // Coefficients over unit rows, for ‖ĝᵢ‖ = 1: projections do not depend on the norms.
  const v = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    v.fill(0);
    v[i] = 1;
    for (const j of visitOrder(gram, context, i)) {
      let along = 0;
      for (let k = 0; k < size; k++) along += (v[k] as number) * (cosines[k * size + j] as number);
      if (along < 0) v[j] = (v[j] as number) + epsilon - along;
    }
    const length = factor * (tau * largest + (1 - tau) * (norms[i] as number));
    for (let k = 0; k < size; k++) mixing[i * size + k] = length * ((v[k] as number) / (norms[k] as number));
  }
  return mixing;
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "pcgrad-plus",
    summary: "PCGrad+: GradCraft's magnitudes, then PCGrad's projections one after the other.",
    paper: {
      title: "GradCraft: Elevating Multi-task Recommendations through Holistic Gradient Crafting",
      authors: "Yimeng Bai, Yang Zhang, Fuli Feng, Jing Lu, Xiaoxue Zang, Chenyi Lei, Yang Song",
      year: 2024,
      venue: "KDD",
      url: "https://arxiv.org/abs/2407.19682",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: "with three tasks and more, a later projection may undo an earlier one",
      permutationEquivariant: "the order of projections is random",
      scaleLinear: true,
      taskScaleInvariant: "with tau < 1 part of each task's own magnitude is kept",
      targetDescent: "with three tasks and more, a sum of projected rows may still conflict with the target",
    },
    create: pcgradPlus,
  },
];
