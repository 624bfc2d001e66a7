import type { OptionSpec } from "../options.js";

/** How a method's own scalars (logits, log-variances) are moved. */
export interface LearnedOptions {
  /** Default adam. */
  readonly optimizer: "adam" | "sgd";
  /** Default 0.025. */
  readonly lr: number;
  /** Decay of Adam's first and second moment, default 0.9 and 0.999. */
  readonly betas: readonly number[];
  /** Added to Adam's root; default 0, with 0/0 = 0: the usual 1e-8 freezes a model whose gradients are 1e-12. */
  readonly eps: number;
}

/** The options of a method that learns scalars, to be spread into its own. */
export const learnedOptions: Readonly<Record<"optimizer" | "lr" | "betas" | "eps", OptionSpec>> = {
  optimizer: { type: "enum", values: ["adam", "sgd"], default: "adam", description: "what moves the learned scalars" },
  lr: { type: "number", min: 0, exclusiveMin: true, default: 0.025, description: "step size of the learned scalars" },
  betas: {
    type: "vector",
    length: 2,
    min: 0,
    max: 1,
    exclusiveMax: true,
    default: [0.9, 0.999],
    description: "decay of Adam's first and second moment",
  },
  eps: { type: "number", min: 0, default: 0, description: "added to Adam's root; 0 is free of scale, with 0/0 = 0" },
};

/** One scalar per task, each with moments and a step counter of its own: a task that is left out keeps them. Plain data. */
export interface Learned {
  readonly values: Float64Array;
  readonly first: Float64Array;
  /** The root of Adam's second moment: squares of slopes such as 1e-200 would be 0. */
  readonly root: Float64Array;
  readonly counts: Float64Array;
}

/** All scalars at `value`, none of them moved yet. */
export function startLearned(tasks: number, value = 0): Learned {
  const zeros = (): Float64Array => new Float64Array(tasks);
  return { values: zeros().fill(value), first: zeros(), root: zeros(), counts: zeros() };
}

/**
 * One step of the scalars in `index` against their slopes: v − lr · slope, or Adam's (Kingma & Ba 2015, algorithm 1) with a counter per
 * task. The weights of a step are those before it.
 */
export function learn(
  held: Learned,
  index: readonly number[],
  slopes: ArrayLike<number>,
  { optimizer, lr, betas, eps }: LearnedOptions,
): Learned {
  const values = held.values.slice();
  const first = held.first.slice();
  const root = held.root.slice();
  const counts = held.counts.slice();
  const [b1, b2] = betas as readonly [number, number];
  index.forEach((i, a) => {
    const slope = slopes[a] as number;
    const t = (counts[i] as number) + 1;
    counts[i] = t;
    if (optimizer === "sgd") {
      values[i] = (values[i] as number) - lr * slope;
      return;
    }
    first[i] = b1 * (first[i] as number) + (1 - b1) * slope;
    root[i] = Math.hypot(Math.sqrt(b2) * (root[i] as number), Math.sqrt(1 - b2) * slope);
    const below = (root[i] as number) / Math.sqrt(1 - b2 ** t) + eps;
    if (below > 0) values[i] = (values[i] as number) - (lr * ((first[i] as number) / (1 - b1 ** t))) / below;
  });
  return { values, first, root, counts };
}
