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
import { bargain } from "@gradpool/linalg";

export interface NashMtlOptions {
  /** Solve anew every n-th step of a group, default 1; in between the last weights are used. */
  readonly every: number;
  /** Largest norm of the combined gradient, default 1; 0: as it is, of norm √T. */
  readonly maxNorm: number;
  readonly granularity: Granularity;
}

const options = {
  every: { type: "number", integer: true, min: 1, default: 1, description: "solve every n-th step" },
  maxNorm: { type: "number", min: 0, default: 1, description: "largest norm of the combined gradient; 0: no clip" },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/** The last solution per task (NaN: not part of it), then the steps since it was found: T + 1 numbers. */
export type NashMtlState = Float64Array;

/**
 * Nash-MTL: combined = Σ aᵢgᵢ with G a = 1/a, a > 0, the Nash bargaining solution: a damped Newton method on
 * ½ xᵀCx − Σ log xᵢ in unit rows (C the cosines, aᵢ = xᵢ/nᵢ). Its norm is √T whatever the gradients' scale, then clipped to
 * `maxNorm`. If zero is in the convex hull of some gradients, no solution exists; the limit is taken: orthogonal to those,
 * and a bargain of the others (`stationary` in the diagnostics).
 *
 * With `every` > 1 a task that the last solution did not have makes the group solve anew. Diagnostics: weights,
 * `stationary` (tasks), `iterations`, `residual`, `solved` (in this step).
 *
 * Source: Navon et al. 2022, claim 3.1 and algorithm 1; https://github.com/AvivNavon/nash-mtl.
 */
export function nashMtl(given: Partial<NashMtlOptions> = {}): GradientPool<PerGroup<NashMtlState> | null> {
  const resolved = resolveOptions<NashMtlOptions>("nash-mtl", options, given);
  return definePool<NashMtlState>({
    name: "nash-mtl",
    options: resolved,
    granularity: resolved.granularity,
    init: ({ names }) => new Float64Array(names.length + 1).fill(NaN),
    weigh: (gram, _context, state) => negotiate(gram, state, resolved),
  });
}

function negotiate(gram: Gram, state: NashMtlState, { every, maxNorm }: NashMtlOptions): Weighing<NashMtlState> {
  const { index, norms, cosines, size } = gram;
  const last = state.length - 1;
  const due = !((state[last] as number) < every) || index.some((i) => Number.isNaN(state[i]));
  let found = {};
  if (due) {
    const { weights: solved, stationary, iterations, residual } = bargain(norms, cosines, size);
    state.fill(NaN);
    index.forEach((i, k) => (state[i] = solved[k] as number));
    state[last] = 0;
    found = { stationary: stationary.map((k) => index[k] as number), iterations, residual };
  }
  state[last] = (state[last] as number) + 1;
  const a = Float64Array.from(index, (i) => state[i] as number);
  const length = combinedNorm(gram, a);
  const factor = maxNorm > 0 && length > maxNorm ? maxNorm / length : 1;
  const weights = a.map((value) => factor * value);
  return { weights, state, diagnostics: { weights: Array.from(weights), solved: due, ...found } };
}

function combinedNorm({ size, norms, cosines }: Gram, weights: Float64Array): number {
  const x = weights.map((value, i) => value * (norms[i] as number));
  const most = x.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  if (most === 0) return 0;
  let square = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      square += ((x[i] as number) / most) * (cosines[i * size + j] as number) * ((x[j] as number) / most);
    }
  }
  return most * Math.sqrt(Math.max(0, square));
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "nash-mtl",
    summary: "The Nash bargaining solution of the tasks: every task gains the same share.",
    paper: {
      title: "Multi-Task Learning as a Bargaining Game",
      authors: "Aviv Navon, Aviv Shamsian, Idan Achituve, Haggai Maron, Kenji Kawaguchi, Gal Chechik, Ethan Fetaya",
      year: 2022,
      venue: "ICML",
      url: "https://arxiv.org/abs/2202.01017",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: true,
      permutationEquivariant: true,
      scaleLinear: "the combined gradient has the same norm whatever the gradients' scale",
      taskScaleInvariant: true,
      targetDescent: true,
    },
    create: nashMtl,
  },
];
