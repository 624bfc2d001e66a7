import {
  averageOf,
  type Combined,
  crossGram,
  type GradientPool,
  GradpoolError,
  type Method,
  type OptionSchema,
  type PoolContext,
  putPart,
  requireFinite,
  resolveOptions,
  takePart,
  type TaskGradients,
} from "@gradpool/core";
import { projectSimplex } from "@gradpool/linalg";
import { directions } from "./directions.js";

export interface ModoOptions {
  /** γ > 0, default 0.1 (LibMTL: 1e-3): step size of λ. */
  readonly gamma: number;
  /** ρ ≥ 0, default 0.1: decay of λ, towards equal parts. */
  readonly rho: number;
  /** `norms` (default): X over meanᵢ n₁ᵢn₂ᵢ; `none`: as published, where λ stays at 1/T on gradients of 1e-5. */
  readonly normalize: "norms" | "none";
  /** `third` (default): weights go to a third batch; `mean`: to the mean of both. */
  readonly combine: "third" | "mean";
}

const options = {
  gamma: { type: "number", min: 0, exclusiveMin: true, default: 0.1, description: "step size of λ" },
  rho: { type: "number", min: 0, default: 0.1, description: "decay of λ, towards equal parts" },
  normalize: {
    type: "enum",
    values: ["norms", "none"],
    default: "norms",
    description: "what inner products are relative to",
  },
  combine: {
    type: "enum",
    values: ["third", "mean"],
    default: "third",
    description: "the batch that is weighed: a third one, or the mean of both",
  },
} satisfies OptionSchema;

/** λ per task, of sum 1. */
export interface ModoState {
  readonly lambda: Float64Array;
}

/**
 * MoDo, double sampling: X = J₁J₂ᵀ of two independent batches, whose product is unbiased where a batch's own Gram is not;
 * λ ← Π(λ − γ(Xλ + ρλ)), Π the projection on the simplex, λ = 1/T at the start; combined = Σ λᵢgᵢ of a third batch, or of the mean of
 * both. A task counts where it is present and not zero in both. **Choice:** X over meanᵢ n₁ᵢn₂ᵢ, so that it means the same at every scale.
 *
 * Needs two batches, three with `combine: "third"`. Diagnostics: weights, `lambda`.
 *
 * Source: Chen, Fernando et al. 2023, algorithm 2.
 */
export function modo(given: Partial<ModoOptions> = {}): GradientPool<ModoState> {
  const resolved = resolveOptions<ModoOptions>("modo", options, given);
  const third = resolved.combine === "third";
  return {
    spec: 1,
    name: "modo",
    options: resolved,
    needs: "gram",
    granularity: "model",
    level: "parameters",
    batches: third ? 3 : 2,
    init: ({ names: { length } }) => ({ lambda: new Float64Array(length).fill(1 / length) }),
    pool(gradients: TaskGradients, context: PoolContext, state: ModoState) {
      const second = batch(context.second, "second", context);
      const shown = third ? [batch(context.third, "third", context)] : [gradients, second];
      for (const one of [gradients, second]) requireFinite("modo", one.gram("parameter", "norms"), context);
      const cross = crossGram(gradients, second, "model");
      const index = cross.present.flatMap((here, i) =>
        here && (cross.norms[i] as number) > 0 && (cross.others[i] as number) > 0 ? [i] : [],
      );
      const weights = new Float64Array(gradients.tasks);
      if (index.length === 0) return { combined: combine(shown, weights), state };
      const { values, mass } = takePart(state.lambda, index, 1);
      const along = directions(cross, index, values, resolved.normalize === "norms");
      const moved = values.map((x, a) => clamp(x - resolved.gamma * ((along[a] as number) + resolved.rho * x)));
      const next = projectSimplex(moved);
      const lambda = putPart(state.lambda, index, next, { mass, total: 1 });
      index.forEach((i, a) => (weights[i] = next[a] as number));
      context.report?.({ pool: "modo", values: { weights: Array.from(weights), lambda: Array.from(lambda) } });
      return { combined: combine(shown, weights), state: { lambda } };
    },
  };
}

const clamp = (x: number): number => Math.max(-1e300, Math.min(1e300, x));

const combine = (batches: readonly TaskGradients[], weights: Float64Array): Combined =>
  averageOf(batches.map((one) => one.combine({ granularity: "model", weights })));

function batch(given: TaskGradients | undefined, which: string, { step }: PoolContext): TaskGradients {
  if (given !== undefined) return given;
  throw new GradpoolError({
    code: "invalid-input",
    what: `no ${which} batch`,
    where: `modo, step ${step}`,
    remedy:
      `give the gradients of an independent batch over the same parameters: ${which} in the context (batchesOf), ` +
      `gradients${which === "second" ? 2 : 3} in a request`,
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "modo",
    summary: "Steps towards the minimum-norm point with inner products of two independent batches, which are unbiased.",
    paper: {
      title: "Three-Way Trade-Off in Multi-Objective Learning: Optimization, Generalization and Conflict-Avoidance",
      authors: "Lisha Chen, Heshan Fernando, Yiming Ying, Tianyi Chen",
      year: 2023,
      venue: "NeurIPS",
      url: "https://arxiv.org/abs/2305.20057",
    },
    options,
    levels: ["parameters", "representation"],
    granularities: [],
    properties: {
      nonConflicting: "one step of the weights approaches the minimum-norm point, and the weights go to another batch",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "small gradients get large weights",
      targetDescent: "the target's weight may become zero",
    },
    create: modo,
  },
];
