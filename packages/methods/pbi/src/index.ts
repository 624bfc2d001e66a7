import {
  defineLossPool,
  type GradientPool,
  type Method,
  type OptionSchema,
  readLoss,
  resolveOptions,
  taskVector,
} from "@gradpool/core";

export interface PbiOptions {
  /** θ ≥ 0, default 5: the price of leaving the ray. */
  readonly theta: number;
  /** r per task, default null: 1 each. */
  readonly weights: readonly number[] | null;
  /** z* per task, default null: 0 each: the losses that the ray starts from. */
  readonly reference: readonly number[] | null;
  /** Added under the root of ‖f⊥‖, default 0; TorchJD adds 1e-12, in squares of the losses' unit. */
  readonly eps: number;
}

const options = {
  theta: { type: "number", min: 0, default: 5, description: "price of leaving the ray of the weights" },
  weights: { type: "vector", min: 0, default: null, description: "direction of the ray; null: 1 each" },
  reference: { type: "vector", default: null, description: "losses that the ray starts from; null: 0 each" },
  eps: { type: "number", min: 0, default: 0, description: "added under the root of the distance; TorchJD adds 1e-12" },
} satisfies OptionSchema;

/** Below this part of ‖f‖ what is off the ray is rounding. */
const onTheRay = 1e-15;

/**
 * Penalty boundary intersection: r̂ = r/‖r‖, f = L − z*, f⊥ = f − ⟨f, r̂⟩r̂; total = ⟨f, r̂⟩ + θ‖f⊥‖, so w = r̂ + θ f⊥/‖f⊥‖: down the ray,
 * and back to it. With θ = 5 the smallest losses usually get **negative** weights: such a task climbs until it is back on the ray.
 *
 * Diagnostics: weights, `total`, `negative` (how many weights are below 0).
 *
 * Source: Zhang & Li 2007 (MOEA/D), §III.A.3.
 */
export function pbi(given: Partial<PbiOptions> = {}): GradientPool<null> {
  const resolved = resolveOptions<PbiOptions>("pbi", options, given);
  return defineLossPool<null>({
    name: "pbi",
    options: resolved,
    weigh({ index }, context) {
      const r = taskVector("pbi", "weights", resolved.weights, context, 1);
      const z = taskVector("pbi", "reference", resolved.reference, context, 0);
      const f = index.map((i) => readLoss("pbi", context, i) - (z[i] as number));
      const reach = Math.hypot(...index.map((i) => r[i] as number));
      const ray = index.map((i) => (reach > 0 ? (r[i] as number) / reach : 0));
      const along = f.reduce((sum, value, a) => sum + value * (ray[a] as number), 0);
      const off = f.map((value, a) => value - along * (ray[a] as number));
      const distance = Math.hypot(...off, Math.sqrt(resolved.eps));
      const away = distance > onTheRay * Math.hypot(...f) ? resolved.theta / distance : 0;
      const weights = ray.map((value, a) => value + away * (off[a] as number));
      const negative = weights.filter((weight) => weight < 0).length;
      return { weights, diagnostics: { weights, total: along + resolved.theta * distance, negative } };
    },
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "pbi",
    summary: "Moves the losses down a ray of your choice, and back to it where they leave it.",
    paper: {
      title: "MOEA/D: A Multiobjective Evolutionary Algorithm Based on Decomposition",
      authors: "Qingfu Zhang, Hui Li",
      year: 2007,
      venue: "IEEE Transactions on Evolutionary Computation",
      url: "https://doi.org/10.1109/TEVC.2007.892759",
    },
    options,
    levels: ["losses"],
    granularities: [],
    properties: {
      nonConflicting: "a task below the ray is made to climb",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the weights follow the losses, not the gradients",
      targetDescent: "the target's weight is negative where its loss is below the ray",
    },
    create: pbi,
  },
];
