import {
  definePool,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  type Method,
  type OptionSchema,
  type PerGroup,
  resolveOptions,
  taskVector,
} from "@gradpool/core";
import { constrain } from "./constrain.js";

export interface PcdOptions {
  /** τ ∈ [0, 1], default 0.02: how much of its own squared length each auxiliary gains at least. */
  readonly tau: number;
  /** τ per task (the target's is not read), in place of `tau`; default null. */
  readonly taus: readonly number[] | null;
  /** β ∈ [0, 1), default 0.999: decay of the averages of squared norms. */
  readonly beta: number;
  /** Added under the root, default 0; TorchJD adds 1e-8, in squares of the gradients' unit. */
  readonly eps: number;
  /** `target`: the target's own gradient where the published answer climbs for the target. */
  readonly guard: "none" | "target";
  readonly granularity: Granularity;
}

const options = {
  tau: {
    type: "number",
    min: 0,
    max: 1,
    default: 0.02,
    description: "least gain of an auxiliary, in its squared length",
  },
  taus: {
    type: "vector",
    min: 0,
    max: 1,
    default: null,
    description: "the same per task, in place of tau; null: tau each",
  },
  beta: {
    type: "number",
    min: 0,
    max: 1,
    exclusiveMax: true,
    default: 0.999,
    description: "decay of the averaged squared norms",
  },
  eps: { type: "number", min: 0, default: 0, description: "added under the root; the reference adds 1e-8" },
  guard: {
    type: "enum",
    values: ["none", "target"],
    default: "none",
    description: "target: its own gradient where the answer climbs for it",
  },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * PCD: vᵢ ← βvᵢ + (1−β)nᵢ², g̃ᵢ = gᵢ/√(v̂ᵢ + eps), v̂ bias-corrected; d = argmin ½‖d − g̃_target‖² over ⟨g̃ⱼ, d⟩ ≥ τ‖g̃ⱼ‖² for each auxiliary
 * j; the result is d · n_target/‖d‖. In Gram space: d = g̃_target + Σ μⱼg̃ⱼ, μ ≥ 0, by an exact active set on cosines. Where no d obeys all,
 * d = g̃_target (`infeasible`). No auxiliary rises; the **target may**: for g₂ = −g₁ the answer is −g₁. Zero where the target's gradient is.
 * A zero gradient is a gradient here: averages decay.
 *
 * State per group: √v and the steps of each task, 2T numbers (the root, as squares of 1e-200 are 0). Diagnostics: weights, `infeasible`,
 * `climbs` (for the target). Source: Varam & AlHajri 2026.
 */
export function pcd(given: Partial<PcdOptions> = {}): GradientPool<PerGroup<Float64Array> | null> {
  const resolved = resolveOptions<PcdOptions>("pcd", options, given);
  const { beta, eps, guard } = resolved;
  return definePool<Float64Array>({
    name: "pcd",
    options: resolved,
    granularity: resolved.granularity,
    zeros: "keep",
    init: ({ names }) => new Float64Array(2 * names.length),
    weigh(gram, context, state) {
      const count = state.length / 2;
      const taus = taskVector("pcd", "taus", resolved.taus, context, resolved.tau);
      const roots = gram.norms.map((norm, a) => {
        const i = gram.index[a] as number;
        state[i] = Math.hypot(Math.sqrt(beta) * (state[i] as number), Math.sqrt(1 - beta) * norm);
        state[count + i] = (state[count + i] as number) + 1;
        return Math.hypot((state[i] as number) / Math.sqrt(1 - beta ** (state[count + i] as number)), Math.sqrt(eps));
      });
      const found = constrain(
        gram,
        roots,
        gram.index.map((i) => taus[i] as number),
        guard,
      );
      return { weights: found.weights, state, diagnostics: { ...found, weights: Array.from(found.weights) } };
    },
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "pcd",
    summary: "The direction nearest to the target's gradient under which every auxiliary gains a little.",
    paper: {
      title:
        "Not All Objectives Are Born Equal: Priority-Constrained Descent for Hierarchical Multi-Objective Optimization",
      authors: "Dara Varam, Mohamed AlHajri",
      year: 2026,
      venue: "TMLR",
      url: "https://arxiv.org/abs/2606.29521",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: "auxiliaries gain, but the target may climb",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: true,
      targetDescent: "auxiliaries that oppose the target may turn the answer against it",
    },
    variants: [{ options: { guard: "target" }, properties: { targetDescent: true, scaleLinear: true } }],
    create: pcd,
  },
];
