import {
  definePool,
  type GradientPool,
  type GroupContext,
  type Gram,
  type Method,
  type OptionSchema,
  type PerGroup,
  putPart,
  resolveOptions,
  takePart,
  taskVector,
  type Weighing,
} from "@gradpool/core";
import { asymmetricBargain } from "@gradpool/linalg";
import { hypergradient } from "./hypergradient.js";

export interface AuxinashOptions {
  /** p per task at the start, default null: 1 each; brought to the sum T. */
  readonly preferences: readonly number[] | null;
  /** p is kept above this, before it is brought to the sum T; default 1e-4. */
  readonly minPreference: number;
  /** Learn p every n-th step, from a validation gradient, default 25; 0: never. */
  readonly every: number;
  readonly preferenceLr: number;
  readonly momentum: number;
  /** `cosine` (default), or `reference`: the authors' Neumann sum on the gradients' own scale. */
  readonly hypergradient: "cosine" | "reference";
  /** Of the test losses, read by `reference` alone; default 0. */
  readonly curvature: number;
  /** Largest norm of the combined gradient, default 1; 0: as it is, √T. */
  readonly maxNorm: number;
}

const options = {
  preferences: {
    type: "vector",
    min: 0,
    exclusiveMin: true,
    default: null,
    description: "p at the start; null: 1 each",
  },
  minPreference: { type: "number", min: 0, exclusiveMin: true, default: 1e-4, description: "p stays above it" },
  every: {
    type: "number",
    integer: true,
    min: 0,
    default: 25,
    description: "learn p every n-th step, from a validation gradient; 0: never",
  },
  preferenceLr: { type: "number", min: 0, default: 5e-3, description: "step size of p" },
  momentum: { type: "number", min: 0, max: 1, exclusiveMax: true, default: 0.9, description: "of the steps of p" },
  hypergradient: {
    type: "enum",
    values: ["cosine", "reference"],
    default: "cosine",
    description: "what p learns from",
  },
  curvature: { type: "number", min: 0, default: 0, description: "of the losses, read by hypergradient=reference" },
  maxNorm: { type: "number", min: 0, default: 1, description: "largest norm of the combined gradient; 0: no clip" },
} satisfies OptionSchema;

/** p, then the momentum of its steps: 2T numbers, NaN before the first step. */
export type AuxinashState = Float64Array;

/**
 * AuxiNash: aᵢ (G a)ᵢ = pᵢ, a > 0: the Nash bargain in which tasks have unequal power. On unit rows bᵢ (C b)ᵢ = pᵢ by a damped Newton
 * method, a = b/n; ‖d‖ = √T whatever the gradients' scale, then clipped to `maxNorm`. With p = 1 it is Nash-MTL. Where some b ≥ 0 has
 * C b = 0 (opposed rows) there is no solution: zero, and `stationary` in the diagnostics.
 *
 * p is learned in steps with `context.validation`: qⱼ = −cos(g_v, gⱼ), h = diag(1/b)(C + diag(p/b²))⁻¹ q of norm 1 at most, a step of SGD
 * with momentum; p ≥ `minPreference`, Σp = T. The new p counts from the next step. Diagnostics: weights, `preferences`, `stationary`.
 *
 * Source: Shamsian et al. 2023, eq. 3–6. **Choice:** cosines in the hypergradient; the authors' is of the gradients' own scale.
 */
export function auxinash(given: Partial<AuxinashOptions> = {}): GradientPool<PerGroup<AuxinashState> | null> {
  const resolved = resolveOptions<AuxinashOptions>("auxinash", options, given);
  const pool = definePool<AuxinashState>({
    name: "auxinash",
    options: resolved,
    init: ({ names }) => new Float64Array(2 * names.length).fill(NaN),
    weigh: (gram, context, state) => negotiate(gram, context, state, resolved),
  });
  if (resolved.every === 0) return pool;
  // Its decision needs the step's validation gradient, which a chain's mixing has no rows for.
  const { mix: _, ...rest } = pool;
  return { ...rest, wantsValidation: (step) => step % resolved.every === 0 };
}

function negotiate(
  gram: Gram,
  context: GroupContext,
  state: AuxinashState,
  resolved: AuxinashOptions,
): Weighing<AuxinashState> {
  const { index, norms, cosines, size } = gram;
  const tasks = state.length / 2;
  if (Number.isNaN(state[0]))
    begin(state, taskVector("auxinash", "preferences", resolved.preferences, context, 1), resolved.minPreference);
  const held = state.subarray(0, tasks);
  const { values: p, mass } = takePart(held, index, size);
  const { x: b, stationary } = asymmetricBargain(cosines, p, size);
  const said = { preferences: Array.from(held), stationary: stationary.map((k) => index[k] as number) };
  if (stationary.length > 0) return { weights: new Float64Array(size), state, diagnostics: said };
  const length = Math.sqrt(p.reduce((sum, value) => sum + value, 0));
  const factor = resolved.maxNorm > 0 && length > resolved.maxNorm ? resolved.maxNorm / length : 1;
  const weights = b.map((value, i) => factor * (value / (norms[i] as number)));
  if (context.validation !== undefined && resolved.every > 0) {
    const h = hypergradient(gram, context.validation, b, p, resolved);
    index.forEach((i, k) => {
      state[tasks + i] = resolved.momentum * (state[tasks + i] as number) + (h[k] as number);
      p[k] = (p[k] as number) - resolved.preferenceLr * (state[tasks + i] as number);
    });
    state.set(putPart(held, index, normalised(p, resolved.minPreference), { mass, total: size }));
  }
  return { weights, state, diagnostics: { ...said, weights: Array.from(weights) } };
}

function begin(state: AuxinashState, preferences: readonly number[], least: number): void {
  state.fill(0);
  state.set(normalised(Float64Array.from(preferences), least));
}

/** At least `least`, then brought to a sum of as many as they are. */
function normalised(p: Float64Array, least: number): Float64Array {
  const kept = p.map((value) => Math.max(value, least));
  const sum = kept.reduce((a, b) => a + b, 0);
  return kept.map((value) => (value * kept.length) / sum);
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "auxinash",
    summary: "A Nash bargain of the tasks with unequal power, which is learned from the target's validation gradient.",
    paper: {
      title: "Auxiliary Learning as an Asymmetric Bargaining Game",
      authors: "Aviv Shamsian, Aviv Navon, Neta Glazer, Kenji Kawaguchi, Gal Chechik, Ethan Fetaya",
      year: 2023,
      venue: "ICML",
      url: "https://arxiv.org/abs/2301.13501",
    },
    options,
    levels: ["parameters", "representation"],
    granularities: [],
    properties: {
      nonConflicting: true,
      permutationEquivariant: true,
      scaleLinear: "the combined gradient has the same norm whatever the gradients' scale",
      taskScaleInvariant: true,
      targetDescent: true,
    },
    create: auxinash,
  },
];
