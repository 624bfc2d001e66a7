import {
  definePool,
  type GradientPool,
  granularities,
  type Gram,
  type GroupContext,
  type Method,
  type PerGroup,
  resolveOptions,
  type Weighing,
} from "@gradpool/core";
import { projectSimplex } from "@gradpool/linalg";
import { directions } from "./directions.js";
import { type MultiBalanceOptions, options } from "./options.js";

export type { MultiBalanceOptions } from "./options.js";

/** u per task (null until the task is first present) and λ on the simplex. */
export interface MultiBalanceState {
  readonly magnitudes: readonly (number | null)[];
  readonly lambda: readonly number[];
}

/**
 * MultiBalance, on the gradients g_m of the shared representation (batch × width, flattened): u_m ← (1 − γ) u_m + γ n_m
 * from the first n_m; v_m = u_m g_m / n_m; direction_m = cos(v_m, Vλ + ρVλ₀), or ⟨v_m, Vλ + ρVλ₀⟩; λ ← Π_Δ(λ − β ·
 * direction), Π_Δ the projection on the simplex; combined = Vλ with the new λ. λ and λ₀ start at 1/M. A zero gradient
 * has direction 0. Absent tasks keep their λ; the others share what is left of the simplex, and are weighed as if alone.
 *
 * Source: He et al. 2024, algorithm 3 and §4.2.
 */
export function multiBalance(
  given: Partial<MultiBalanceOptions> = {},
): GradientPool<PerGroup<MultiBalanceState> | null> {
  const resolved = resolveOptions<MultiBalanceOptions>("multibalance", options, given);
  return definePool<MultiBalanceState>({
    name: "multibalance",
    options: resolved,
    granularity: resolved.granularity,
    level: "representation",
    zeros: "keep",
    init: ({ names }) => ({ magnitudes: names.map(() => null), lambda: names.map(() => 1 / names.length) }),
    weigh: (gram, context, state) => balance(gram, context, state, resolved),
  });
}

function balance(
  gram: Gram,
  { report }: GroupContext,
  state: MultiBalanceState,
  { beta, rho, gamma, direction, ema }: MultiBalanceOptions,
): Weighing<MultiBalanceState> {
  const { index, norms, size } = gram;
  const magnitudes = [...state.magnitudes];
  const scales = norms.map((norm, a) => {
    const i = index[a] as number;
    const held = magnitudes[i] ?? norm;
    magnitudes[i] = (1 - gamma) * held + gamma * norm;
    return norm === 0 ? 0 : ema ? (magnitudes[i] as number) : norm;
  });
  const everybody = size === state.lambda.length;
  const share = everybody ? 1 : index.reduce((sum, i) => sum + (state.lambda[i] as number), 0);
  const before = Float64Array.from(index, (i) => (share > 0 ? (state.lambda[i] as number) / share : 1 / size));
  const along = directions(gram, scales, before, rho, direction === "cosine");
  const after = projectSimplex(before.map((value, a) => value - beta * (along[a] as number)));
  const lambda = [...state.lambda];
  index.forEach((i, a) => (lambda[i] = share * (after[a] as number)));
  const weights = after.map((value, a) => {
    const norm = norms[a] as number;
    return norm === 0 ? 0 : value * Math.min((scales[a] as number) / norm, Number.MAX_VALUE);
  });
  const next = { magnitudes, lambda };
  return report === undefined ? { weights, state: next } : { weights, state: next, diagnostics: { ...next } };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "multibalance",
    summary:
      "Learns task weights on the simplex from the gradients of the shared representation, in one backward pass.",
    paper: {
      title: "MultiBalance: Multi-Objective Gradient Balancing in Industrial-Scale Multi-Task Recommendation System",
      authors:
        "Yun He, Xuxing Chen, Jiayi Xu, Renqin Cai, Yiling You, Jennifer Cao, Minhui Huang, Liu Yang, Yiqun Liu, Xiaoyi Liu, Rong Jin, Sem Park, Bo Long, Xue Feng",
      year: 2024,
      venue: "arXiv",
      url: "https://arxiv.org/abs/2411.11871",
    },
    options,
    levels: ["representation", "parameters"],
    granularities,
    properties: {
      nonConflicting: "one step of the weights approaches the minimum-norm point, it does not reach it",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the averaged magnitudes stay in the combined gradient",
      targetDescent: "the target's weight may become zero",
    },
    variants: [
      {
        options: { direction: "gradient" },
        properties: { scaleLinear: "inner products depend on the gradients' scale" },
      },
      { options: { ema: false }, properties: { scaleLinear: true, permutationEquivariant: true } },
    ],
    create: multiBalance,
  },
];
