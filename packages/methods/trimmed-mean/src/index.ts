import {
  type Combined,
  type FloatArray,
  GradpoolError,
  type GradientPool,
  type Method,
  type OptionSchema,
  type PoolContext,
  requireFinite,
  resolveOptions,
  type TaskGradients,
} from "@gradpool/core";

export interface TrimmedMeanOptions {
  /** k ≥ 0, default 1: how many of the largest, and as many of the smallest, are dropped per coordinate. */
  readonly trim: number;
}

const options = {
  trim: { type: "number", integer: true, min: 0, default: 1, description: "dropped at either end of each coordinate" },
} satisfies OptionSchema;

/**
 * The mean of T rows without the k largest and the k smallest numbers, coordinate by coordinate.
 *
 * @param rows T > 2k arrays of equal length
 */
export function meanWithoutEnds(rows: readonly ArrayLike<number>[], k: number): Float64Array {
  const length = rows[0]?.length ?? 0;
  const column = new Float64Array(rows.length);
  const kept = rows.length - 2 * k;
  const out = new Float64Array(length);
  for (let p = 0; p < length; p++) {
    for (let i = 0; i < rows.length; i++) column[i] = (rows[i] as ArrayLike<number>)[p] as number;
    column.sort();
    let sum = 0;
    for (let i = k; i < rows.length - k; i++) sum += (column[i] as number) / kept;
    out[p] = sum;
  }
  return out;
}

/**
 * Trimmed mean: per coordinate the k largest and k smallest of the T present are dropped, and the rest is averaged (see
 * {@link meanWithoutEnds}). A zero gradient is a gradient like any other; an absent task is not there.
 *
 * @throws GradpoolError `invalid-input` with fewer than 2k + 1 tasks in a step
 *
 * Source: Yin et al. 2018, definition 2.
 */
export function trimmedMean(given: Partial<TrimmedMeanOptions> = {}): GradientPool<null> {
  const { trim, ...rest } = resolveOptions<TrimmedMeanOptions>("trimmed-mean", options, given);
  return {
    spec: 1,
    name: "trimmed-mean",
    options: { trim, ...rest },
    needs: "gradients",
    granularity: "model",
    level: "parameters",
    init: () => null,
    pool(gradients: TaskGradients, context: PoolContext, state: null): { combined: Combined; state: null } {
      requireFinite("trimmed-mean", gradients.gram("parameter", "norms"), context);
      const here = gradients.present.flatMap((present, i) => (present ? [i] : []));
      if (here.length > 0 && here.length < 2 * trim + 1) {
        throw new GradpoolError({
          code: "invalid-input",
          what: `${here.length} tasks`,
          where: `trimmed-mean, step ${context.step}`,
          remedy: `give ${2 * trim + 1} or more with trim=${trim}, or lower it`,
        });
      }
      const values = new Map<string, FloatArray>();
      for (const { name, size } of gradients.parameters) {
        const all = gradients.values(name);
        values.set(
          name,
          here.length === 0
            ? new Float64Array(size)
            : meanWithoutEnds(
                here.map((i) => all[i] as FloatArray),
                trim,
              ),
        );
      }
      return { combined: gradients.assemble(values), state };
    },
  };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "trimmed-mean",
    summary:
      "Averages each coordinate without its largest and smallest entries, so that a few wild gradients have no say.",
    paper: {
      title: "Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates",
      authors: "Dong Yin, Yudong Chen, Kannan Ramchandran, Peter Bartlett",
      year: 2018,
      venue: "ICML",
      url: "https://arxiv.org/abs/1803.01498",
    },
    options,
    levels: ["parameters", "representation"],
    granularities: [],
    minTasks: 3,
    properties: {
      nonConflicting: "entries at either end are dropped per coordinate, whoever they belong to",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "what is dropped depends on sizes",
      targetDescent: "the target's entries may be dropped",
    },
    create: trimmedMean,
  },
];
