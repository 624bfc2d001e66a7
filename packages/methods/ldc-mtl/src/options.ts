import { type LearnedOptions, learnedOptions, type OptionSchema } from "@gradpool/core";

export interface LdcMtlOptions extends LearnedOptions {
  /** λ ≥ 0, default 0.05 (paper: 0.01 … 0.1): price of a difference between neighbours. */
  readonly lambda: number;
  readonly router: "sigmoid" | "softmax";
  /** What of a loss is compared: itself, `first` (default): relative to its first value, or the log of that. */
  readonly normalize: "none" | "first" | "log";
  /** Differences of f y (default), or of y alone, as one experiment of the reference. */
  readonly discrepancy: "weighted" | "plain";
  /** Whether the router's slope knows Σ f (`attached`). */
  readonly sumGradient: "detached" | "attached";
  readonly initialLogits: readonly number[] | null;
}

export const options: OptionSchema = {
  lambda: { type: "number", min: 0, default: 0.05, description: "price of a difference between neighbouring tasks" },
  router: { type: "enum", values: ["sigmoid", "softmax"], default: "sigmoid", description: "from logits to f" },
  normalize: {
    type: "enum",
    values: ["none", "first", "log"],
    default: "first",
    description: "what is compared: losses, or relative to the first ones, or the logarithm of that",
  },
  discrepancy: {
    type: "enum",
    values: ["weighted", "plain"],
    default: "weighted",
    description: "differences of f y, or of y",
  },
  sumGradient: {
    type: "enum",
    values: ["detached", "attached"],
    default: "detached",
    description: "whether Σ f is a constant for the router",
  },
  initialLogits: { type: "vector", default: null, description: "logits at the start; null: 0 each" },
  ...learnedOptions,
};
