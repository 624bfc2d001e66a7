import {
  type Combined,
  type FloatArray,
  type GradientPool,
  type Method,
  type OptionSchema,
  type PoolContext,
  requireFinite,
  resolveOptions,
  type TaskGradients,
  taskVector,
} from "@gradpool/core";

export interface GraddropOptions {
  /** Per task in [0, 1], default null: 0 each: the share of its gradient that is never dropped. */
  readonly leak: readonly number[] | null;
}

const options = {
  leak: { type: "vector", min: 0, max: 1, default: null, description: "share that is never dropped; null: 0 each" },
} satisfies OptionSchema;

/**
 * One parameter's gradients under sign dropout. P = ½ (1 + Σ g / Σ |g|) per coordinate; with a draw U the positive entries
 * are kept if P > U, the negative ones if P < U (none at a tie), and Σᵢ (leakᵢ + (1 − leakᵢ) keptᵢ) gᵢ is the result.
 *
 * @param gradients T arrays of equal length. @param uniform U for each coordinate in turn, from [0, 1).
 */
export function dropSigns(
  gradients: readonly ArrayLike<number>[],
  uniform: () => number,
  leak: readonly number[],
): Float64Array {
  const length = gradients[0]?.length ?? 0;
  const tasks = gradients.length;
  const out = new Float64Array(length);
  for (let p = 0; p < length; p++) {
    const u = uniform();
    let positive = 0;
    let negative = 0;
    for (let i = 0; i < tasks; i++) {
      const x = (gradients[i] as ArrayLike<number>)[p] as number;
      if (x > 0) positive += x;
      else negative -= x;
    }
    // P > U without the quotient, which may overflow: positive (1 − U) > negative U.
    const up = positive * (1 - u);
    const down = negative * u;
    let sum = 0;
    for (let i = 0; i < tasks; i++) {
      const x = (gradients[i] as ArrayLike<number>)[p] as number;
      const kept = (x > 0 && up > down) || (x < 0 && up < down);
      sum += kept ? x : (leak[i] as number) * x;
    }
    out[p] = sum;
  }
  return out;
}

/**
 * GradDrop: at every coordinate one sign is drawn, with the probability that its side has of the absolute sum, and the
 * entries of the other sign are dropped (see {@link dropSigns}). Needs the gradients themselves: every coordinate is a group
 * of its own. Draws one uniform number per coordinate, in the order of the parameters.
 *
 * Source: Chen et al. 2020, §3.1 and algorithm 1 (sign purity, f = identity).
 */
export function graddrop(given: Partial<GraddropOptions> = {}): GradientPool<null> {
  const resolved = resolveOptions<GraddropOptions>("graddrop", options, given);
  return {
    spec: 1,
    name: "graddrop",
    options: resolved,
    needs: "gradients",
    granularity: "model",
    level: "parameters",
    init: () => null,
    pool(gradients: TaskGradients, context: PoolContext, state: null): { combined: Combined; state: null } {
      const leak = taskVector("graddrop", "leak", resolved.leak, context, 0);
      requireFinite("graddrop", gradients.gram("parameter", "norms"), context);
      const here = gradients.present.flatMap((present, i) => (present ? [i] : []));
      const kept = here.map((i) => leak[i] as number);
      const values = new Map<string, FloatArray>();
      for (const { name, size } of gradients.parameters) {
        const all = gradients.values(name);
        const rows = here.map((i) => all[i] as FloatArray);
        values.set(name, rows.length === 0 ? new Float64Array(size) : dropSigns(rows, context.random.uniform, kept));
      }
      return { combined: gradients.assemble(values), state };
    },
  };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "graddrop",
    summary: "Keeps one sign per coordinate, drawn with the probability that its side has of the absolute sum.",
    paper: {
      title: "Just Pick a Sign: Optimizing Deep Multitask Models with Gradient Sign Dropout",
      authors:
        "Zhao Chen, Jiquan Ngiam, Yanping Huang, Thang Luong, Henrik Kretzschmar, Yuning Chai, Dragomir Anguelov",
      year: 2020,
      venue: "NeurIPS",
      url: "https://arxiv.org/abs/2010.06808",
    },
    options,
    levels: ["parameters", "representation"],
    granularities: [],
    properties: {
      nonConflicting: "the signs are drawn per coordinate",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the probabilities follow the magnitudes",
      targetDescent: "the target's entries may be dropped",
    },
    create: graddrop,
  },
];
