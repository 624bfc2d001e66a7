import {
  defineLossPool,
  type GradientPool,
  type Losses,
  type Method,
  type OptionSchema,
  readPositiveLoss,
  resolveOptions,
} from "@gradpool/core";
import { adam } from "./adam.js";

export interface FamoOptions {
  /** Step size of Adam on the logits, default 0.025. */
  readonly learningRate: number;
  /** γ ≥ 0, default 0.001: decay of the logits, added to their gradient. */
  readonly decay: number;
  /** Added to every loss, default 0; the reference adds 1e-8. In the losses' own units, so not scale-free. */
  readonly epsilon: number;
}

const options = {
  learningRate: { type: "number", min: 0, default: 0.025, description: "step size of Adam on the logits" },
  decay: { type: "number", min: 0, default: 0.001, description: "decay of the logits" },
  epsilon: { type: "number", min: 0, default: 0, description: "added to every loss; the reference adds 1e-8" },
} satisfies OptionSchema;

/** Logits ξ, Adam's moments and steps per task, and the losses of the step before (NaN: absent, or none). */
export interface FamoState {
  readonly logits: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly steps: number;
  readonly losses: Float64Array;
}

/**
 * FAMO: z = softmax(ξ), combined = Σ wᵢgᵢ with wᵢ = zᵢ/(c Lᵢ), c = Σ zⱼ/Lⱼ: a step on Σ zᵢ log Lᵢ. Then ξ takes an Adam step
 * along Jᵀδ + γξ, δᵢ = log Lᵢ − log Lᵢ' the decrease that the step brought, J the softmax's Jacobian, so that what
 * decreased least gains weight. The paper evaluates Lᵢ' on the same batch, after the update, which costs a forward pass.
 * **Choice:** the next step's losses stand for Lᵢ', as the reference records do.
 * The weights are over the tasks present; δ over those present in both steps.
 *
 * Source: Liu et al. 2023, algorithm 1; https://github.com/Cranial-XIX/FAMO.
 */
export function famo(given: Partial<FamoOptions> = {}): GradientPool<FamoState> {
  const resolved = resolveOptions<FamoOptions>("famo", options, given);
  return defineLossPool<FamoState>({
    name: "famo",
    options: resolved,
    init: ({ names: { length } }) => ({
      logits: new Float64Array(length),
      first: new Float64Array(length),
      second: new Float64Array(length),
      steps: 0,
      losses: new Float64Array(length).fill(NaN),
    }),
    weigh({ index }: Losses, context, state) {
      const losses = new Float64Array(state.losses.length).fill(NaN);
      for (const i of index) losses[i] = readPositiveLoss("famo", context, i) + resolved.epsilon;
      const next = learn(state, losses, resolved);
      const shares = softmax(index.map((i) => next.logits[i] as number));
      const least = index.reduce((min, i) => Math.min(min, losses[i] as number), Infinity);
      const parts = shares.map((z, a) => z * (least / (losses[index[a] as number] as number)));
      const total = parts.reduce((a, b) => a + b, 0);
      const weights = parts.map((part) => part / total);
      return { weights, state: { ...next, losses }, diagnostics: { weights, shares } };
    },
  });
}

function softmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const shares = logits.map((logit) => Math.exp(logit - top));
  const total = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / total);
}

function learn(state: FamoState, losses: Float64Array, { learningRate, decay }: FamoOptions): FamoState {
  const both = Array.from(losses.keys()).filter((i) => !Number.isNaN(losses[i]) && !Number.isNaN(state.losses[i]));
  if (both.length === 0) return state;
  const z = softmax(both.map((i) => state.logits[i] as number));
  const fall = both.map((i) => Math.log(state.losses[i] as number) - Math.log(losses[i] as number));
  const mean = fall.reduce((sum, value, a) => sum + value * (z[a] as number), 0);
  const slope = new Float64Array(losses.length);
  both.forEach((i, a) => (slope[i] = (z[a] as number) * ((fall[a] as number) - mean)));
  for (let i = 0; i < slope.length; i++) slope[i] = (slope[i] as number) + decay * (state.logits[i] as number);
  return { ...state, ...adam(state, slope, learningRate) };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "famo",
    summary: "Learns weights under which all losses decrease at the same relative rate, from the losses alone.",
    paper: {
      title: "FAMO: Fast Adaptive Multitask Optimization",
      authors: "Bo Liu, Yihao Feng, Peter Stone, Qiang Liu",
      year: 2023,
      venue: "NeurIPS",
      url: "https://arxiv.org/abs/2306.03792",
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
    create: famo,
  },
];
