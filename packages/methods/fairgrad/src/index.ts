import {
  definePool,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  type Method,
  type OptionSchema,
  type PerGroup,
  resolveOptions,
} from "@gradpool/core";
import { bargain } from "@gradpool/linalg";

export interface FairgradOptions {
  /** α > 0 of the fair utility, default 1 (proportional fairness: Nash-MTL without clip); large α tends to MGDA-like fairness. */
  readonly alpha: number;
  readonly granularity: Granularity;
}

const options = {
  alpha: { type: "number", min: 0, exclusiveMin: true, default: 1, description: "α of the fair utility" },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * FairGrad: combined = Σ aᵢgᵢ with G a = a^{−1/α}, a > 0, the direction that maximises Σ ⟨gᵢ, d⟩^{1−α}/(1−α). A damped Newton
 * method in unit rows and relative steps (linalg's `bargain`). If zero is in the convex hull of some gradients no solution
 * exists; the limit is taken: orthogonal to those, and the others share what is left (`stationary` in the diagnostics).
 * Homogeneous of degree (1−α)/(1+α) in the gradients' scale: by definition, not linear.
 *
 * Diagnostics: weights, `stationary` (tasks), `iterations`, `residual`.
 *
 * Source: Ban & Ji 2024, eq. 5 and proposition 4.1.
 */
export function fairgrad(given: Partial<FairgradOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<FairgradOptions>("fairgrad", options, given);
  return definePool<null>({
    name: "fairgrad",
    options: resolved,
    granularity: resolved.granularity,
    weigh({ norms, cosines, size, index }) {
      const { weights, stationary, iterations, residual } = bargain(norms, cosines, size, resolved.alpha);
      const tasks = stationary.map((k) => index[k] as number);
      return { weights, diagnostics: { weights: Array.from(weights), stationary: tasks, iterations, residual } };
    },
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "fairgrad",
    summary: "Shares the step between the tasks by an α-fair utility.",
    paper: {
      title: "Fair Resource Allocation in Multi-Task Learning",
      authors: "Hao Ban, Kaiyi Ji",
      year: 2024,
      venue: "ICML",
      url: "https://arxiv.org/abs/2402.15638",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: true,
      permutationEquivariant: true,
      scaleLinear: "homogeneous of degree (1 − α)/(1 + α): at α = 1 the norm is the same at every scale",
      taskScaleInvariant: "at α ≠ 1 the shares depend on the norms",
      targetDescent: true,
    },
    create: fairgrad,
  },
];
