import {
  type GradientPool,
  type Method,
  type OptionSchema,
  type PoolContext,
  requireFinite,
  resolveOptions,
  type TaskGradients,
} from "@gradpool/core";
import { type ExcessMtlOptions, type ExcessMtlState, raise } from "./raise.js";
import { accumulate } from "./squares.js";

export type { ExcessMtlOptions, ExcessMtlState } from "./raise.js";

const options = {
  stepSize: {
    type: "number",
    min: 0,
    exclusiveMin: true,
    default: 0.01,
    description: "how fast weights follow the excess",
  },
  warmup: {
    type: "number",
    integer: true,
    min: 0,
    default: 0,
    description: "steps whose mean excess is the base; 0: the first",
  },
  sum: { type: "enum", values: ["T", "one"], default: "T", description: "what the weights add up to" },
  first: {
    type: "enum",
    values: ["baseline", "raw"],
    default: "baseline",
    description: "raw: the first step moves weights by the excess itself",
  },
  eps: { type: "number", min: 0, default: 0, description: "added under the root; references add 1e-7" },
  baseEps: { type: "number", min: 0, default: 0, description: "added to the base; TorchJD adds 1e-7" },
} satisfies OptionSchema;

/**
 * ExcessMTL: Sᵢ ← Sᵢ + gᵢ² per coordinate, eᵢ = Σ gᵢ²/√(Sᵢ + eps), an estimate of how much task i can still gain; eᵢ⁰ its first value, or
 * the mean of the first `warmup`; wᵢ ← wᵢ exp(η eᵢ/eᵢ⁰), of sum T, in logarithms. A task's own first steps leave its weight. Combined =
 * Σ wᵢgᵢ with the new weights. Of tables the state holds touched rows only.
 *
 * An absolute 1e-7 under the root, as in every reference, makes it quadratic below |g| ≈ 3e-4, where BPR models live: `eps` is 0 here.
 * State: √S (T × P; T × width per touched row), and 3T numbers. Diagnostics: weights, `excess` (e/e⁰; NaN in a task's first steps).
 *
 * Source: He et al. 2024, algorithm 1.
 */
export function excessMtl(given: Partial<ExcessMtlOptions> = {}): GradientPool<ExcessMtlState> {
  const resolved = resolveOptions<ExcessMtlOptions>("excess-mtl", options, given);
  return {
    spec: 1,
    name: "excess-mtl",
    options: resolved,
    needs: "gradients",
    granularity: "model",
    level: "parameters",
    init: ({ names: { length } }) => ({
      roots: {},
      rows: {},
      logs: new Float64Array(length).fill(-Math.log(length)),
      sums: new Float64Array(length),
      counts: new Float64Array(length),
    }),
    pool(gradients: TaskGradients, context: PoolContext, state: ExcessMtlState) {
      requireFinite("excess-mtl", gradients.gram("parameter", "norms"), context);
      const { norms } = gradients.gram("model", "norms");
      const index = gradients.present.flatMap((here, i) => (here && (norms[i] as number) > 0 ? [i] : []));
      const weights = new Float64Array(gradients.tasks);
      if (index.length === 0) return { combined: gradients.combine({ granularity: "model", weights }), state };
      const { excess, ...squares } = accumulate(gradients, index, state, {
        eps: resolved.eps,
        donate: context.donate === true,
      });
      const raised = raise(index, excess, state, resolved);
      index.forEach((i, a) => (weights[i] = raised.weights[a] as number));
      context.report?.({ pool: "excess-mtl", values: { weights: Array.from(weights), excess: raised.ratios } });
      const combined = gradients.combine({ granularity: "model", weights });
      return { combined, state: { ...squares, ...raised.state } };
    },
  };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "excess-mtl",
    summary: "Weighs tasks by how much each can still gain, so that a task with noisy labels does not take over.",
    paper: {
      title: "Robust Multi-Task Learning with Excess Risks",
      authors: "Yifei He, Shiji Zhou, Guojun Zhang, Hyokun Yun, Yi Xu, Belinda Zeng, Trishul Chilimbi, Han Zhao",
      year: 2024,
      venue: "ICML",
      url: "https://proceedings.mlr.press/v235/he24n.html",
    },
    options,
    levels: ["parameters", "representation"],
    granularities: [],
    properties: {
      nonConflicting: "weights change magnitudes, not directions",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "weights are relative to each task's own past, not to its size",
      targetDescent: "auxiliaries may outweigh the target",
    },
    create: excessMtl,
  },
];
