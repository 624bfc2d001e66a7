import {
  definePool,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  type Gram,
  type Method,
  type OptionSchema,
  type PerGroup,
  resolveOptions,
  type Weighing,
} from "@gradpool/core";
import { projectSimplex } from "@gradpool/linalg";

export interface SdmgradOptions {
  /** ρ ≥ 0, default 0.3: pull towards the mean gradient; 0 is MGDA by projected steps. */
  readonly rho: number;
  /** Projected steps per call, default 20. */
  readonly steps: number;
  /** Step size over the Gram's largest row sum, default 1; descent is certain up to 2. */
  readonly stepSize: number;
  /** Momentum in [0, 1) within a call, default 0. */
  readonly momentum: number;
  readonly granularity: Granularity;
}

const options = {
  rho: { type: "number", min: 0, default: 0.3, description: "pull towards the mean gradient" },
  steps: { type: "number", integer: true, min: 1, default: 20, description: "projected steps per call" },
  stepSize: { type: "number", min: 0, exclusiveMin: true, default: 1, description: "over the Gram's largest row sum" },
  momentum: { type: "number", min: 0, max: 1, exclusiveMax: true, default: 0, description: "within a call" },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * SDMGrad: λ descends on ½‖Σ (λᵢ + ρλ₀) gᵢ‖² over the simplex by projected gradient steps, λ₀ = 1/T; combined =
 * Σ (λᵢ + ρλ₀) gᵢ / (1 + ρ). The step is relative to the Gram's largest absolute row sum, a bound on its largest
 * eigenvalue, so that it means the same at every scale. State: λ, T numbers per group, where the next step goes on.
 * Absent tasks keep their λ, zero gradients too; the others share the rest of the simplex.
 *
 * Diagnostics: weights, `lambda`.
 *
 * Source: Xiao et al. 2023, algorithm 1 and eq. 5, with one gradient in place of double sampling.
 */
export function sdmgrad(given: Partial<SdmgradOptions> = {}): GradientPool<PerGroup<Float64Array> | null> {
  const resolved = resolveOptions<SdmgradOptions>("sdmgrad", options, given);
  return definePool<Float64Array>({
    name: "sdmgrad",
    options: { ...resolved },
    granularity: resolved.granularity,
    init: ({ names }) => new Float64Array(names.length).fill(1 / names.length),
    weigh: (gram, _context, state) => descend(gram, state, resolved),
  });
}

function descend(
  { size, index, norms, cosines }: Gram,
  state: Float64Array,
  { rho, steps, stepSize, momentum }: SdmgradOptions,
): Weighing<Float64Array> {
  const most = norms.reduce((a, b) => Math.max(a, b), 0);
  const g = new Float64Array(size * size);
  let bound = 0;
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) {
      const value = ((norms[i] as number) / most) * ((norms[j] as number) / most) * (cosines[i * size + j] as number);
      g[i * size + j] = value;
      sum += Math.abs(value);
    }
    bound = Math.max(bound, sum);
  }
  const share = index.reduce((sum, i) => sum + (state[i] as number), 0);
  let lambda = Float64Array.from(index, (i) => (share > 0 ? (state[i] as number) / share : 1 / size));
  const speed = new Float64Array(size);
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < size; i++) {
      let slope = 0;
      for (let j = 0; j < size; j++) slope += (g[i * size + j] as number) * ((lambda[j] as number) + rho / size);
      speed[i] = momentum * (speed[i] as number) + slope;
    }
    lambda = Float64Array.from(projectSimplex(lambda.map((x, i) => x - (stepSize / bound) * (speed[i] as number))));
  }
  index.forEach((i, a) => (state[i] = share * (lambda[a] as number)));
  const weights = lambda.map((value) => (value + rho / size) / (1 + rho));
  return { weights, state, diagnostics: { weights: Array.from(weights), lambda: Array.from(lambda) } };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "sdmgrad",
    summary: "Steps towards the minimum-norm point, regularised towards the mean gradient.",
    paper: {
      title: "Direction-oriented Multi-objective Learning: Simple and Provable Stochastic Algorithms",
      authors: "Peiyao Xiao, Hao Ban, Kaiyi Ji",
      year: 2023,
      venue: "NeurIPS",
      url: "https://arxiv.org/abs/2305.18409",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: "a few steps approach the optimum, and the pull towards the mean may conflict",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "small gradients get large weights",
      targetDescent: "the mean may conflict with the target",
    },
    create: sdmgrad,
  },
];
