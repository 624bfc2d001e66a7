import {
  definePool,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  type Gram,
  type GroupContext,
  type Method,
  type OptionSchema,
  type PerGroup,
  resolveOptions,
  taskVector,
  type Weighing,
} from "@gradpool/core";
import { dot, scaledEigen } from "@gradpool/linalg";

export interface AlignedMtlOptions {
  /** The common singular value: the least (default), the median, or the root mean square of those there are. */
  readonly mode: "min" | "median" | "rmse";
  /** Preference per task, default null: 1/T each. */
  readonly weights: readonly number[] | null;
  readonly granularity: Granularity;
}

const options = {
  mode: {
    type: "enum",
    values: ["min", "median", "rmse"],
    default: "min",
    description: "common singular value: least, median or root mean square",
  },
  weights: { type: "vector", min: 0, default: null, description: "preference per task; null: 1/T each" },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * Aligned-MTL: the gradients are replaced by the nearest ones of condition number 1. G = V Σ Vᵀ over the numerical rank,
 * B = √σ V Σ^-½ Vᵀ with σ the least, median or mean eigenvalue; combined = Σ aᵢgᵢ, a = B w. The eigenvalues come from a
 * Jacobi method on norms and cosines that keeps the small ones accurate when rows differ by 1e±12.
 *
 * Diagnostics: weights, `rank`, `condition` of the gradients before.
 *
 * Source: Senushkin et al. 2023, eq. 9–11; modes as in its code (the median of an even number is the lower one).
 */
export function alignedMtl(given: Partial<AlignedMtlOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<AlignedMtlOptions>("aligned-mtl", options, given);
  return definePool<null>({
    name: "aligned-mtl",
    options: resolved,
    granularity: resolved.granularity,
    weigh: (gram, context) => align(gram, context, resolved),
  });
}

function align(gram: Gram, context: GroupContext, { mode, weights: given }: AlignedMtlOptions): Weighing<null> {
  const { size, index } = gram;
  const all = taskVector("aligned-mtl", "weights", given, context, 1 / gram.count);
  const most = gram.norms.reduce((a, b) => Math.max(a, b), 0);
  const norms = gram.norms.map((norm) => norm / most);
  const { values, vectors } = scaledEigen(norms, gram.cosines, size);
  const rank = values.length;
  const sigma = common[mode](values);
  const weights = new Float64Array(size);
  for (let k = 0; k < rank; k++) {
    const along = dot(
      size,
      (i) => vectors[i * rank + k] as number,
      (i) => all[index[i] as number] as number,
    );
    const factor = Math.sqrt(sigma / (values[k] as number)) * along;
    for (let i = 0; i < size; i++) weights[i] = (weights[i] as number) + factor * (vectors[i * rank + k] as number);
  }
  const condition = Math.sqrt((values[0] as number) / (values[rank - 1] as number));
  return { weights, diagnostics: { weights: Array.from(weights), rank, condition } };
}

/** Eigenvalues descend. */
const common: Record<AlignedMtlOptions["mode"], (values: Float64Array) => number> = {
  min: (values) => values[values.length - 1] as number,
  median: (values) => values[Math.floor(values.length / 2)] as number,
  rmse: (values) => values.reduce((a, b) => a + b, 0) / values.length,
};

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "aligned-mtl",
    summary: "Replaces the task gradients by the nearest ones of condition number one.",
    paper: {
      title: "Independent Component Alignment for Multi-Task Learning",
      authors: "Dmitry Senushkin, Nikolay Patakin, Arseny Kuznetsov, Anton Konushin",
      year: 2023,
      venue: "CVPR",
      url: "https://arxiv.org/abs/2305.19000",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: "an aligned direction may conflict with a gradient that lies near another's opposite",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the alignment stays near the dominant gradients",
      targetDescent: "an aligned direction may conflict with the target",
    },
    create: alignedMtl,
  },
];
