import { type Granularity, granularityOption, type OptionSchema } from "@gradpool/core";

export interface MultiBalanceOptions {
  /** Step size of λ, default 1 (the paper: 1 for ads, 5 for feeds). */
  readonly beta: number;
  /** ρ ≥ 0, default 0.1: weight of the prior λ₀ = 1/M. */
  readonly rho: number;
  /** γ in [0, 1], default 0.1: how fast the magnitudes u follow the norms. */
  readonly gamma: number;
  /** What λ descends along: cosines (default, the paper's practice) or inner products (algorithm 3; depends on scale). */
  readonly direction: "cosine" | "gradient";
  /** False: the ablation without magnitude averages, v_m = g_m. */
  readonly ema: boolean;
  /** Default `model`: the shared representation is one group. */
  readonly granularity: Granularity;
}

export const options: OptionSchema = {
  beta: { type: "number", min: 0, default: 1, description: "step size of the task weights" },
  rho: { type: "number", min: 0, default: 0.1, description: "weight of the equal prior" },
  gamma: { type: "number", min: 0, max: 1, default: 0.1, description: "how fast the magnitudes follow the norms" },
  direction: {
    type: "enum",
    values: ["cosine", "gradient"],
    default: "cosine",
    description: "descend along cosines or along inner products",
  },
  ema: { type: "boolean", default: true, description: "rescale gradients to the averages of their norms" },
  granularity: granularityOption("model"),
};
