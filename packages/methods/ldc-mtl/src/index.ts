import {
  defineLossPool,
  firstLosses,
  type GradientPool,
  learn,
  type Learned,
  type Method,
  readLoss,
  readRatioLoss,
  resolveOptions,
  startLearned,
  taskVector,
} from "@gradpool/core";
import { type LdcMtlOptions, options } from "./options.js";
import { route } from "./route.js";

export type { LdcMtlOptions } from "./options.js";

/** Logits z, and the first loss of each task (NaN: none yet). */
export interface LdcMtlState {
  readonly learned: Learned | null;
  readonly first: Float64Array;
}

/**
 * LDC-MTL: f = σ(z) from T free logits; total = Σ fᵢyᵢ / Σf + λ Σ_{i<T} |fᵢyᵢ − fᵢ₊₁yᵢ₊₁|, minimised over the model and z together, so
 * wᵢ = [fᵢ/Σf + λ fᵢ(eᵢ − eᵢ₋₁)] dyᵢ/dLᵢ, eᵢ the sign of i's difference to its neighbour. y = L, L · minⱼLⱼ⁰/Lᵢ⁰ or log(L/L⁰). Weights are
 * **negative** once 2λΣf > 1. The chain of neighbours makes it depend on the tasks' order, as published.
 *
 * Diagnostics: weights, `router` (f), `total`, `negative`. Source: Xiao et al. 2025; https://github.com/OptMN-Lab/LDC-MTL.
 */
export function ldcMtl(given: Partial<LdcMtlOptions> = {}): GradientPool<LdcMtlState> {
  const resolved = resolveOptions<LdcMtlOptions>("ldc-mtl", options, given);
  const read = resolved.normalize === "none" ? readLoss : readRatioLoss;
  return defineLossPool<LdcMtlState>({
    name: "ldc-mtl",
    options: resolved,
    init: ({ names: { length } }) => ({ learned: null, first: new Float64Array(length).fill(NaN) }),
    weigh({ index }, context, state) {
      const losses = index.map((i) => read("ldc-mtl", context, i));
      const first = resolved.normalize === "none" ? state.first : firstLosses("ldc-mtl", state.first, context, index);
      const held =
        state.learned ??
        withValues(
          startLearned(first.length),
          taskVector("ldc-mtl", "initialLogits", resolved.initialLogits, context, 0),
        );
      const here = [...index.keys()].filter((a) => resolved.normalize !== "log" || (losses[a] as number) > 0);
      const places = here.map((a) => index[a] as number);
      const routed = route(
        places,
        here.map((a) => losses[a] as number),
        first,
        held.values,
        resolved,
      );
      const weights = new Float64Array(index.length);
      here.forEach((a, k) => (weights[a] = routed.weights[k] as number));
      return {
        weights,
        state: { learned: learn(held, places, routed.slopes, resolved), first },
        diagnostics: {
          weights: Array.from(weights),
          router: routed.router,
          total: routed.total,
          negative: weights.reduce((count, weight) => count + (weight < 0 ? 1 : 0), 0),
        },
      };
    },
  });
}

const withValues = (learned: Learned, values: readonly number[]): Learned => ({
  ...learned,
  values: Float64Array.from(values),
});

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "ldc-mtl",
    summary: "Learns weights under which neighbouring tasks' weighted losses stay close, from the losses alone.",
    paper: {
      title: "LDC-MTL: Balancing Multi-Task Learning through Scalable Loss Discrepancy Control",
      authors: "Peiyao Xiao, Chaosheng Dong, Shaofeng Zou, Kaiyi Ji",
      year: 2025,
      venue: "arXiv",
      url: "https://arxiv.org/abs/2502.08585",
    },
    options,
    levels: ["losses"],
    granularities: [],
    properties: {
      nonConflicting: "a weighted sum may point against any of its terms",
      permutationEquivariant: "each task is compared with the next one in the given order",
      scaleLinear: true,
      taskScaleInvariant: "the weights follow the losses, not the gradients",
      targetDescent: "auxiliaries may outweigh the target, whose weight may be negative",
    },
    create: ldcMtl,
  },
];
