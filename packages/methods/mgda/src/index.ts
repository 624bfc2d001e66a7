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
  readPositiveLoss,
  resolveOptions,
} from "@gradpool/core";
import { minNormPoint } from "@gradpool/linalg";

export interface MgdaOptions {
  /** What each gradient is divided by before the point is sought; the weights then apply to the gradients as they are. */
  readonly normalise: "none" | "l2" | "loss" | "loss+";
  readonly granularity: Granularity;
}

const options = {
  normalise: {
    type: "enum",
    values: ["none", "l2", "loss", "loss+"],
    default: "none",
    description: "divide gradients by 1, their norm, their loss, or both, before the weights are sought",
  },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * MGDA: w = argmin ‖Σ wᵢ gᵢ‖ over the simplex, exactly (active set on the unit-row Gram; Frank–Wolfe stops percents away).
 * `normalise` divides gᵢ by sᵢ = ‖gᵢ‖ (l2), Lᵢ (loss) or Lᵢ‖gᵢ‖ (loss+) first; the weights found then apply to the gᵢ
 * themselves, as in the paper's code. At a Pareto-stationary point the combined gradient is zero to rounding.
 *
 * Diagnostics: weights, `stationary` (zero is in the hull), `status` ("limit": the active set did not settle; not known to
 * happen). Errors: a loss that is missing, not finite or not positive, with `loss` and `loss+`.
 *
 * Source: Sener & Koltun 2018, eq. 3; Désidéri 2012.
 */
export function mgda(given: Partial<MgdaOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<MgdaOptions>("mgda", options, given);
  return definePool<null>({
    name: "mgda",
    options: resolved,
    granularity: resolved.granularity,
    weigh(gram, context) {
      const norms = normalised(gram, context, resolved.normalise);
      const { weights, stationary, status } = minNormPoint(norms, gram.cosines, gram.size);
      return { weights, diagnostics: { weights: Array.from(weights), stationary, status } };
    },
  });
}

function normalised(gram: Gram, context: GroupContext, normalise: MgdaOptions["normalise"]): Float64Array {
  if (normalise === "none") return gram.norms;
  if (normalise === "l2") return new Float64Array(gram.size).fill(1);
  const losses = gram.index.map((i) => readPositiveLoss("mgda", context, i));
  return gram.norms.map((norm, a) => (normalise === "loss" ? norm : 1) / (losses[a] as number));
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "mgda",
    summary: "The minimum-norm point of the convex hull of the task gradients, exact.",
    paper: {
      title: "Multi-Task Learning as Multi-Objective Optimization",
      authors: "Ozan Sener, Vladlen Koltun",
      year: 2018,
      venue: "NeurIPS",
      url: "https://arxiv.org/abs/1810.04650",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: true,
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the smallest gradients get the largest weights",
      targetDescent: true,
    },
    create: mgda,
  },
];
