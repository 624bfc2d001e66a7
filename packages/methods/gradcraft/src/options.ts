import { type Granularity, granularityOption, type OptionSchema, reductionOption } from "@gradpool/core";

export interface GradCraftOptions {
  /** τ in [0, 1], default 0.1: how far every norm is moved towards the largest; 0 is the ablation "ori", 1 "fix-τ". */
  readonly tau: number;
  /** ε ≥ 0, default 1e-10: the cosine, per norms, that projected rows keep to what they conflicted with; 0 is "fix-ε". */
  readonly epsilon: number;
  /** Decay in [0, 1) of moving averages of the norms, default 0: the current norms. */
  readonly beta: number;
  /** `global` (default): one against all conflicting tasks at once. `local`: one after the other, as PCGrad does. */
  readonly projection: "global" | "local";
  /** How the crafted rows become one gradient; `mean` by default. */
  readonly reduction: "sum" | "mean";
  readonly granularity: Granularity;
}

export const options: OptionSchema = {
  tau: { type: "number", min: 0, max: 1, default: 0.1, description: "how far norms are moved towards the largest" },
  epsilon: { type: "number", min: 0, default: 1e-10, description: "cosine kept to the tasks that were in conflict" },
  beta: { type: "number", min: 0, max: 1, exclusiveMax: true, default: 0, description: "decay of the norms' averages" },
  projection: {
    type: "enum",
    values: ["global", "local"],
    default: "global",
    description: "against all conflicting tasks at once, or one after the other",
  },
  reduction: reductionOption("mean"),
  granularity: granularityOption("model"),
};
