import {
  defineLossPool,
  type GradientPool,
  type Losses,
  type Method,
  type OptionSchema,
  resolveOptions,
} from "@gradpool/core";

export interface UwOptions {
  /** s of every task at the start, default 0. */
  readonly initial: number;
  /** Step size of the gradient descent on s, default 0.01. It is apart from the model's optimiser; 0 keeps s as it is. */
  readonly learningRate: number;
}

const options = {
  initial: { type: "number", default: 0, description: "log variance of every task at the start" },
  learningRate: { type: "number", min: 0, default: 0.01, description: "step size of the log variances" },
} satisfies OptionSchema;

/**
 * Uncertainty weighting: the total loss is Σ (Lᵢ e^{−sᵢ} + sᵢ)/2, so wᵢ = e^{−sᵢ}/2; s, the log variances, are learned with
 * the model. They are this pool's state, T numbers, and take one gradient step after every weighing:
 * sᵢ ← sᵢ − η (1 − Lᵢ e^{−sᵢ})/2, towards log Lᵢ. Absent tasks keep their s.
 *
 * Source: Kendall, Gal & Cipolla 2018, eq. 7; in the numerically stable form with s = log σ² of its §4.1.
 */
export function uw(given: Partial<UwOptions> = {}): GradientPool<Float64Array> {
  const resolved = resolveOptions<UwOptions>("uw", options, given);
  return defineLossPool<Float64Array>({
    name: "uw",
    options: resolved,
    init: ({ names }) => new Float64Array(names.length).fill(resolved.initial),
    weigh({ index, values }: Losses, _context, state) {
      const next = state.slice();
      const weights = values.map((loss, a) => {
        const i = index[a] as number;
        const precision = Math.exp(-(state[i] as number));
        next[i] = (state[i] as number) - resolved.learningRate * 0.5 * (1 - loss * precision);
        return precision / 2;
      });
      return { weights, state: next, diagnostics: { weights: Array.from(weights), s: Array.from(state) } };
    },
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "uw",
    summary: "Uncertainty weighting: each loss is divided by a variance that is learned with the model.",
    paper: {
      title: "Multi-Task Learning Using Uncertainty to Weigh Losses for Scene Geometry and Semantics",
      authors: "Alex Kendall, Yarin Gal, Roberto Cipolla",
      year: 2018,
      venue: "CVPR",
      url: "https://arxiv.org/abs/1705.07115",
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
    create: uw,
  },
];
