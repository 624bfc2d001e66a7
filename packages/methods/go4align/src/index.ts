import {
  defineLossPool,
  type GradientPool,
  type Method,
  type OptionSchema,
  putPart,
  readRatioLoss,
  resolveOptions,
  takePart,
} from "@gradpool/core";
import { cluster } from "./cluster.js";

export interface Go4alignOptions {
  /** K, default 2: groups of tasks; with fewer tasks, each is its own. 1: all weights equal. */
  readonly groups: number;
  /** η > 0, default 1e-4: how fast shares follow the losses. η L has the losses' scale. */
  readonly stepSize: number;
}

const options = {
  groups: { type: "number", integer: true, min: 1, default: 2, description: "groups of tasks that share a weight" },
  stepSize: {
    type: "number",
    min: 0,
    exclusiveMin: true,
    default: 1e-4,
    description: "how fast shares follow the losses, in 1 / loss",
  },
} satisfies OptionSchema;

/** p per task, of sum 1. */
export interface Go4alignState {
  readonly shares: Float64Array;
}

/**
 * GO4Align: pᵢ ← pᵢ exp(−η Lᵢ), Σp = 1; xᵢ = (Σⱼ Lⱼ / Lᵢ) pᵢ; the T numbers x are clustered into K groups, and wᵢ is the mean of x in i's
 * group: tasks that progress alike move alike. **Choice:** the clustering is exact (the best cut of the sorted x; of equal ones the
 * leftmost), where the reference starts k-means at random and can stay in a worse one. A task whose loss is 0 is left out.
 *
 * Diagnostics: weights, `x`.
 *
 * Source: Shen et al. 2024; https://github.com/autumn9999/GO4Align.
 */
export function go4align(given: Partial<Go4alignOptions> = {}): GradientPool<Go4alignState> {
  const resolved = resolveOptions<Go4alignOptions>("go4align", options, given);
  return defineLossPool<Go4alignState>({
    name: "go4align",
    options: resolved,
    init: ({ names: { length } }) => ({ shares: new Float64Array(length).fill(1 / length) }),
    weigh({ index }, context, state) {
      const all = index.map((i) => readRatioLoss("go4align", context, i));
      const here = index.filter((_, a) => (all[a] as number) > 0);
      if (here.length === 0) return { weights: all.map(() => 0) };
      const losses = all.filter((loss) => loss > 0);
      const { values, mass } = takePart(state.shares, here, 1);
      const least = Math.min(...losses);
      const moved = values.map((p, a) => p * Math.exp(-resolved.stepSize * ((losses[a] as number) - least)));
      const sum = moved.reduce((a, b) => a + b, 0);
      const shares = moved.map((p) => p / sum);
      const total = losses.reduce((a, b) => a + b, 0);
      const x = losses.map((loss, a) => (total / loss) * (shares[a] as number));
      const grouped = cluster(x, Math.min(resolved.groups, x.length));
      let next = 0;
      const weights = all.map((loss) => (loss > 0 ? (grouped[next++] as number) : 0));
      return {
        weights,
        state: { shares: putPart(state.shares, here, shares, { mass, total: 1 }) },
        diagnostics: { weights, x },
      };
    },
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "go4align",
    summary: "Groups tasks by how far they are, and gives each group one weight, from the losses alone.",
    paper: {
      title: "GO4Align: Group Optimization for Multi-Task Alignment",
      authors: "Jiayi Shen, Qi (Cheems) Wang, Zehao Xiao, Nanne Van Noord, Marcel Worring",
      year: 2024,
      venue: "NeurIPS",
      url: "https://arxiv.org/abs/2404.06486",
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
    create: go4align,
  },
];
