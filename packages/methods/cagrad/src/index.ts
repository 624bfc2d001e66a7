import {
  definePool,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  type Gram,
  type Method,
  type OptionSchema,
  type PerGroup,
  resolveOptions,
  type Weighing,
} from "@gradpool/core";
import { highestLevel } from "./solve.js";

export interface CagradOptions {
  /** c ≥ 0, default 0.4: how far, relative to ‖g₀‖, the direction may leave the mean gradient g₀. 0 is the mean. */
  readonly c: number;
  /** 0: d as it is; 1 (default): d / (1 + c²); 2: d / (1 + c). */
  readonly rescale: 0 | 1 | 2;
  readonly granularity: Granularity;
}

const options = {
  c: { type: "number", min: 0, default: 0.4, description: "how far the direction may leave the mean gradient" },
  rescale: { type: "enum", values: [0, 1, 2], default: 1, description: "divide by 1, 1 + c², or 1 + c" },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * CAGrad: d maximises min ⟨gᵢ, d⟩ over ‖d − g₀‖ ≤ c‖g₀‖, g₀ the mean gradient; d = g₀ + c‖g₀‖ g_w/‖g_w‖, where w minimises
 * ⟨g_w, g₀⟩ + c‖g₀‖‖g_w‖ over the simplex. Solved exactly (see solve.ts), in unit rows. Where g_w = 0 the quotient does not
 * exist, and d is the shortest move from g₀ that attains the maximum (`bound: false` in the diagnostics).
 *
 * Diagnostics: weights, `worst` = min ⟨gᵢ, d⟩ before rescaling, `bound` (the ball binds), `iterations`.
 *
 * Source: Liu et al. 2021, eq. 3–4; `rescale` as in its code.
 */
export function cagrad(given: Partial<CagradOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<CagradOptions>("cagrad", options, given);
  return definePool<null>({
    name: "cagrad",
    options: resolved,
    granularity: resolved.granularity,
    weigh: (gram) => averse(gram, resolved),
  });
}

function averse(gram: Gram, { c, rescale }: CagradOptions): Weighing<null> {
  const { size, cosines, count } = gram;
  const most = gram.norms.reduce((a, b) => Math.max(a, b), 0);
  const norms = gram.norms.map((norm) => norm / most);
  const along = new Float64Array(size);
  let square = 0;
  let terms = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      along[i] = (along[i] as number) + ((cosines[i * size + j] as number) * (norms[j] as number)) / count;
    }
    square += ((along[i] as number) * (norms[i] as number)) / count;
    terms += (norms[i] as number) / count;
  }
  const factor = rescale === 0 ? 1 : rescale === 1 ? 1 + c * c : 1 + c;
  const weights = new Float64Array(size);
  // A mean that cancels to rounding is zero, and so is d: the ball has no extent.
  if (square <= (4 * size * Number.EPSILON * terms) ** 2) {
    return { weights, diagnostics: { weights: Array.from(weights), worst: 0, bound: true, iterations: 0 } };
  }
  const radius = c * Math.sqrt(square);
  const { y, value, bound, iterations } =
    radius === 0 ? { y: weights, value: 0, bound: true, iterations: 0 } : highestLevel(gram, norms, along, radius);
  for (let i = 0; i < size; i++) weights[i] = (1 / count + (y[i] as number) / (norms[i] as number)) / factor;
  return {
    weights,
    diagnostics: { weights: Array.from(weights), worst: value * most * most, bound, iterations },
  };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "cagrad",
    summary: "Leaves the mean gradient, within a ball around it, for the direction that serves the worst task best.",
    paper: {
      title: "Conflict-Averse Gradient Descent for Multi-task Learning",
      authors: "Bo Liu, Xingchao Liu, Xiaojie Jin, Peter Stone, Qiang Liu",
      year: 2021,
      venue: "NeurIPS",
      url: "https://arxiv.org/abs/2110.14048",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: "with c < 1 the ball around the mean may hold no non-conflicting direction",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the mean gradient keeps the scale of the tasks",
      targetDescent: "with c < 1 the ball around the mean may hold no direction that serves the target",
    },
    create: cagrad,
  },
];
