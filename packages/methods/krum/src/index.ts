import {
  definePool,
  GradpoolError,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  type Gram,
  type Method,
  type OptionSchema,
  type PerGroup,
  resolveOptions,
} from "@gradpool/core";

export interface KrumOptions {
  /** f ≥ 0, default 1: how many gradients may be anything. */
  readonly byzantine: number;
  /** m ≥ 1, default 1: how many of the best are averaged. */
  readonly selected: number;
  /** `squared` (default, the paper's), or `euclidean`: distances themselves are added, as TorchJD does. */
  readonly distance: "squared" | "euclidean";
  readonly granularity: Granularity;
}

const options = {
  byzantine: { type: "number", integer: true, min: 0, default: 1, description: "how many gradients may be anything" },
  selected: { type: "number", integer: true, min: 1, default: 1, description: "how many of the best are averaged" },
  distance: { type: "enum", values: ["squared", "euclidean"], default: "squared", description: "what is added up" },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * Krum: scoreᵢ = the sum of the T − f − 2 smallest ‖gᵢ − gⱼ‖², j ≠ i; w = 1/m on the m best scores, ties to the lower index. A zero
 * gradient is a gradient like any other; an absent task is not there. Squared distances come from norms and cosines:
 * (nᵢ − nⱼ)² + 2nᵢnⱼ(1 − cos). Diagnostics: weights, `scores` (relative to the largest norm).
 *
 * @throws GradpoolError `invalid-input` with fewer than max(f + 3, m) tasks in a step
 *
 * Source: Blanchard et al. 2017, §4.
 */
export function krum(given: Partial<KrumOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<KrumOptions>("krum", options, given);
  const { byzantine, selected } = resolved;
  return definePool<null>({
    name: "krum",
    options: resolved,
    granularity: resolved.granularity,
    zeros: "keep",
    weigh(gram, { step }) {
      const { size } = gram;
      const least = Math.max(byzantine + 3, selected);
      if (size < least) {
        throw new GradpoolError({
          code: "invalid-input",
          what: `${size} tasks`,
          where: `krum, step ${step}`,
          remedy: `give ${least} or more with byzantine=${byzantine} and selected=${selected}, or lower those`,
        });
      }
      const scores = scoresOf(gram, resolved);
      const best = scores.map((_, i) => i).sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b);
      const weights = new Float64Array(size);
      for (const i of best.slice(0, selected)) weights[i] = 1 / selected;
      return { weights, diagnostics: { weights: Array.from(weights), scores } };
    },
  });
}

function scoresOf({ size, norms, cosines }: Gram, { byzantine, distance }: KrumOptions): number[] {
  const most = norms.reduce((a, b) => Math.max(a, b), 0);
  const unit = norms.map((norm) => (most > 0 ? norm / most : 0));
  const squared = (i: number, j: number): number => {
    const [a, b] = [unit[i] as number, unit[j] as number];
    return (a - b) ** 2 + 2 * a * b * (1 - (cosines[i * size + j] as number));
  };
  return Array.from({ length: size }, (_, i) => {
    const others = Array.from({ length: size }, (__, j) => j).filter((j) => j !== i);
    const distances = others.map((j) => (distance === "squared" ? squared(i, j) : Math.sqrt(squared(i, j))));
    return distances
      .sort((a, b) => a - b)
      .slice(0, size - byzantine - 2)
      .reduce((sum, d) => sum + d, 0);
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "krum",
    summary: "Takes the gradient that most others are near to, so that a few wild ones have no say.",
    paper: {
      title: "Machine Learning with Adversaries: Byzantine Tolerant Gradient Descent",
      authors: "Peva Blanchard, El Mahdi El Mhamdi, Rachid Guerraoui, Julien Stainer",
      year: 2017,
      venue: "NeurIPS",
      url: "https://papers.nips.cc/paper/2017/hash/f4b9ec30ad9f68f89b29639786cb62ef-Abstract.html",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    minTasks: 4,
    properties: {
      nonConflicting: "gradients that are not selected have no say",
      permutationEquivariant: "of equal scores the lower index is taken",
      scaleLinear: true,
      taskScaleInvariant: "distances depend on lengths",
      targetDescent: "the target may not be among the selected",
    },
    create: krum,
  },
];
