import {
  defineLossPool,
  type GradientPool,
  GradpoolError,
  type Method,
  type OptionSchema,
  resolveOptions,
  taskVector,
} from "@gradpool/core";

export interface ConstantOptions {
  /** One per task, not below 0 and not all 0; default null: 1 each. They are not normalised. */
  readonly weights: readonly number[] | null;
}

const options = {
  weights: { type: "vector", min: 0, default: null, description: "weight of each task, not normalised; null: 1 each" },
} satisfies OptionSchema;

/**
 * Static weights: combined = Σ wᵢ gᵢ, with w as given. Needs no per-task gradients: one backward pass of Σ wᵢ Lᵢ. A task
 * that is absent takes its term with it; the others keep theirs.
 *
 * Source: the weighted sum of the losses, searched over its weights, as in Xin et al. 2022, section 2 (scalarisation).
 */
export function constant(given: Partial<ConstantOptions> = {}): GradientPool<null> {
  const resolved = resolveOptions<ConstantOptions>("constant", options, given);
  if (resolved.weights?.every((weight) => weight === 0) === true) {
    throw new GradpoolError({
      code: "invalid-option",
      what: `weights is ${JSON.stringify(resolved.weights)}`,
      where: "constant",
      remedy: "give at least one task a weight above 0",
    });
  }
  return defineLossPool<null>({
    name: "constant",
    options: resolved,
    readsLosses: false,
    weigh({ index }, context) {
      const weights = taskVector("constant", "weights", resolved.weights, context, 1);
      return { weights: index.map((task) => weights[task] as number) };
    },
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "constant",
    summary: "Static weights: the sum of the task gradients, each with a weight of your own.",
    paper: {
      title: "Do Current Multi-Task Optimization Methods in Deep Learning Even Help?",
      authors: "Derrick Xin, Behrooz Ghorbani, Ankush Garg, Orhan Firat, Justin Gilmer",
      year: 2022,
      venue: "NeurIPS",
      url: "https://arxiv.org/abs/2209.11379",
    },
    options,
    levels: ["losses"],
    granularities: [],
    properties: {
      nonConflicting: "a weighted sum may point against any of its terms",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the largest weighted gradient has the largest say",
      targetDescent: "auxiliaries may outweigh the target",
    },
    create: constant,
  },
];
