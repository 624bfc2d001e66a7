import {
  defineLossPool,
  type GradientPool,
  learn,
  type Learned,
  type LearnedOptions,
  learnedOptions,
  type Method,
  readRatioLoss,
  resolveOptions,
  startLearned,
} from "@gradpool/core";
import { paper } from "./paper.js";

export type ImtlLOptions = LearnedOptions;

/** e^40 ≈ 2e17: a loss of exactly 0 would send s to infinity, by `lr` a step. */
const highest = 40;

/** One step of s along the slope e^s L − 1 of Σ (e^s L − s), capped. */
export function learnScales(
  state: Learned,
  index: readonly number[],
  losses: ArrayLike<number>,
  options: LearnedOptions,
): Learned {
  const slopes = index.map((i, a) => Math.exp(state.values[i] as number) * (losses[a] as number) - 1);
  const next = learn(state, index, slopes, options);
  return { ...next, values: next.values.map((s) => Math.min(s, highest)) };
}

/**
 * IMTL-L: total = Σ (e^{sᵢ} Lᵢ − sᵢ), w = e^s; s starts at 0 and descends on the same total, whose minimum is e^s = 1/L: all scaled losses
 * tend to 1. The weights of a step are those before its update. s is capped at 40. Diagnostics: weights, `total`.
 *
 * Source: Liu et al. 2021, §3.2 (IMTL-L), eq. 9.
 */
export function imtlL(given: Partial<ImtlLOptions> = {}): GradientPool<Learned> {
  const resolved = resolveOptions<ImtlLOptions>("imtl-l", learnedOptions, given);
  return defineLossPool<Learned>({
    name: "imtl-l",
    options: resolved,
    init: ({ names }) => startLearned(names.length),
    weigh({ index }, context, state) {
      const losses = index.map((i) => readRatioLoss("imtl-l", context, i));
      const weights = index.map((i) => Math.exp(state.values[i] as number));
      const total = losses.reduce(
        (sum, loss, a) => sum + (weights[a] as number) * loss - (state.values[index[a] as number] as number),
        0,
      );
      return { weights, state: learnScales(state, index, losses, resolved), diagnostics: { weights, total } };
    },
  });
}

export const imtlLMethod: Method = {
  spec: 1,
  name: "imtl-l",
  summary: "IMTL-L: learns a scale per loss, so that all scaled losses tend to one.",
  paper,
  options: learnedOptions,
  levels: ["losses"],
  granularities: [],
  properties: {
    nonConflicting: "a weighted sum may point against any of its terms",
    permutationEquivariant: true,
    scaleLinear: true,
    taskScaleInvariant: "the weights follow the losses, not the gradients",
    targetDescent: "auxiliaries may outweigh the target",
  },
  create: imtlL,
};
