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
import { leastNormSolve } from "@gradpool/linalg";

export interface ImtlOptions {
  readonly granularity: Granularity;
}

const options = { granularity: granularityOption("model") } satisfies OptionSchema;

/**
 * IMTL-G: the weights a with Σ aᵢ = 1 whose d = Σ aᵢgᵢ has equal projections ⟨d, gᵢ/‖gᵢ‖⟩ on all gradients. With C the
 * cosines: C y = 1, aᵢ ∝ yᵢ/nᵢ. Weights may be negative. With dependent gradients, y is the solution of least norm. If no
 * y exists, d = 0 is the only vector with equal projections, and the weights are zero; likewise where Σ yᵢ/nᵢ cancels,
 * so that no multiple has the sum one.
 *
 * Diagnostics: weights, `projection` (the common one), `degenerate`: null, "no equal projections" or "weights cancel".
 *
 * Source: Liu et al. 2021, §3.1 (IMTL-G), eq. 6.
 */
export function imtl(given: Partial<ImtlOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<ImtlOptions>("imtl", options, given);
  return definePool<null>({
    name: "imtl",
    options: { ...resolved },
    granularity: resolved.granularity,
    weigh: impartial,
  });
}

/** Gradients count as dependent within 1e-7 rad (linalg's rank tolerance); equal projections are met as closely. */
const close = 1e-6;

function impartial({ size, norms, cosines }: Gram): Weighing<null> {
  const y = leastNormSolve(cosines, new Float64Array(size).fill(1), size);
  let worst = 0;
  for (let i = 0; i < size; i++) {
    let sum = -1;
    let terms = 1;
    for (let j = 0; j < size; j++) {
      const term = (cosines[i * size + j] as number) * (y[j] as number);
      sum += term;
      terms += Math.abs(term);
    }
    worst = Math.max(worst, Math.abs(sum) / terms);
  }
  const least = norms.reduce((a, b) => Math.min(a, b), Infinity);
  const shares = y.map((value, i) => value * (least / (norms[i] as number)));
  const sum = shares.reduce((a, b) => a + b, 0);
  const terms = shares.reduce((a, b) => a + Math.abs(b), 0);
  const degenerate =
    worst > close
      ? "no equal projections"
      : Math.abs(sum) <= 8 * size * Number.EPSILON * terms
        ? "weights cancel"
        : null;
  const weights = shares.map((share) => (degenerate === null ? share / sum : 0));
  return {
    weights,
    diagnostics: { weights: Array.from(weights), projection: degenerate === null ? least / sum : 0, degenerate },
  };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "imtl",
    summary: "IMTL-G: the direction whose projections on all task gradients are equal, with weights that sum to one.",
    paper: {
      title: "Towards Impartial Multi-task Learning",
      authors: "Liyang Liu, Yi Li, Zhanghui Kuang, Jing-Hao Xue, Yimin Chen, Wenming Yang, Qingmin Liao, Wayne Zhang",
      year: 2021,
      venue: "ICLR",
      url: "https://openreview.net/forum?id=IMPnRXEWpvr",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: "the equal projections are negative where the weights that give positive ones sum below zero",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the sign of the direction follows the sum of the weights, which depends on the norms",
      targetDescent: "the equal projections may be negative",
    },
    create: imtl,
  },
];
