import {
  defineLossPool,
  type GradientPool,
  type Losses,
  type Method,
  type OptionSchema,
  resolveOptions,
  taskVector,
} from "@gradpool/core";

export interface StchOptions {
  /** μ > 0, default 1: smoothness, in units of weighted losses; towards 0 only the worst task counts. */
  readonly mu: number;
  /** Preference per task, default null: 1/T each. */
  readonly weights: readonly number[] | null;
  /** Ideal loss per task, default null: 0 each. */
  readonly reference: readonly number[] | null;
}

const options = {
  mu: { type: "number", min: 0, exclusiveMin: true, default: 1, description: "smoothness of the maximum" },
  weights: { type: "vector", min: 0, default: null, description: "preference per task; null: 1/T each" },
  reference: { type: "vector", default: null, description: "ideal loss per task; null: 0 each" },
} satisfies OptionSchema;

/**
 * Smooth Tchebycheff scalarisation: the total is μ log Σ exp(λᵢ(Lᵢ − zᵢ)/μ), a smooth maximum of the weighted distances to
 * the ideal losses z, so wᵢ = λᵢ softmax(λ(L − z)/μ)ᵢ. μ has the unit of a loss: the method is not scale-free in the losses.
 *
 * Source: Lin et al. 2024, eq. 8.
 */
export function stch(given: Partial<StchOptions> = {}): GradientPool<null> {
  const resolved = resolveOptions<StchOptions>("stch", options, given);
  return defineLossPool<null>({
    name: "stch",
    options: resolved,
    init: () => null,
    weigh({ index, values, size }: Losses, context, state) {
      const preference = taskVector("stch", "weights", resolved.weights, context, 1 / size);
      const ideal = taskVector("stch", "reference", resolved.reference, context, 0);
      const far = index.map(
        (i, a) => ((preference[i] as number) * ((values[a] as number) - (ideal[i] as number))) / resolved.mu,
      );
      const top = Math.max(...far);
      const shares = far.map((value) => Math.exp(value - top));
      const total = shares.reduce((a, b) => a + b, 0);
      const weights = shares.map((share, a) => ((preference[index[a] as number] as number) * share) / total);
      return { weights, state, diagnostics: { weights, total: resolved.mu * (top + Math.log(total)) } };
    },
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "stch",
    summary: "Smooth Tchebycheff scalarisation: descends on a smooth maximum of the losses.",
    paper: {
      title: "Smooth Tchebycheff Scalarization for Multi-Objective Optimization",
      authors: "Xi Lin, Xiaoyuan Zhang, Zhiyuan Yang, Fei Liu, Zhenkun Wang, Qingfu Zhang",
      year: 2024,
      venue: "ICML",
      url: "https://arxiv.org/abs/2402.19078",
    },
    options,
    levels: ["losses"],
    granularities: [],
    properties: {
      nonConflicting: "a weighted sum may point against any of its terms",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the weights follow the losses, not the gradients",
      targetDescent: "auxiliaries may outweigh the target",
    },
    create: stch,
  },
];
