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
import { dot, leastNormSolve } from "@gradpool/linalg";

export interface ConfigOptions {
  /** Wanted cosines of the direction with the gradients, up to a factor; default null: equal. */
  readonly weights: readonly number[] | null;
  readonly granularity: Granularity;
}

const options = {
  weights: { type: "vector", min: 0, default: null, description: "wanted cosines, up to a factor; null: equal" },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * ConFIG: d = (Σ ⟨gᵢ, û⟩) û with û the unit vector along U⁺p: U the unit gradients, p the wanted cosines (ones). In Gram
 * space û ∝ Σ yᵢuᵢ with C y = p, C the cosines; with dependent gradients y is the least-squares solution of least norm, as
 * the pseudo-inverse has it. Where U⁺p = 0 (two opposite gradients) d is zero.
 *
 * Diagnostics: weights, `length` of d, `cosine` of d with each gradient.
 *
 * Source: Liu et al. 2025, eq. 2–3.
 */
export function config(given: Partial<ConfigOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<ConfigOptions>("config", options, given);
  return definePool<null>({
    name: "config",
    options: resolved,
    granularity: resolved.granularity,
    weigh: (gram, context) => conflictFree(gram, context, resolved),
  });
}

function conflictFree(gram: Gram, context: GroupContext, { weights: given }: ConfigOptions): Weighing<null> {
  const { size, index, norms, cosines } = gram;
  const wanted = taskVector("config", "weights", given, context, 1);
  const y = leastNormSolve(
    cosines,
    index.map((i) => wanted[i] as number),
    size,
  );
  const along = new Float64Array(size);
  let square = 0;
  let terms = 0;
  for (let i = 0; i < size; i++) {
    // What cancels to rounding is a right angle, however large that gradient is.
    along[i] = dot(
      size,
      (j) => cosines[i * size + j] as number,
      (j) => y[j] as number,
    );
    square += (y[i] as number) * (along[i] as number);
    terms += Math.abs(y[i] as number);
  }
  const weights = new Float64Array(size);
  if (square <= (4 * size * Number.EPSILON * terms) ** 2) {
    return { weights, diagnostics: { weights: Array.from(weights), length: 0, cosines: Array.from(weights) } };
  }
  const unit = Math.sqrt(square);
  const angle = along.map((value) => value / unit);
  const length = angle.reduce((sum, cosine, i) => sum + (norms[i] as number) * cosine, 0);
  for (let i = 0; i < size; i++) weights[i] = ((y[i] as number) / unit) * (length / (norms[i] as number));
  return { weights, diagnostics: { weights: Array.from(weights), length, cosines: Array.from(angle) } };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "config",
    summary:
      "ConFIG: the direction of equal angles with all gradients, as long as the gradients together are along it.",
    paper: {
      title: "ConFIG: Towards Conflict-free Training of Physics Informed Neural Networks",
      authors: "Qiang Liu, Mengyu Chu, Nils Thuerey",
      year: 2025,
      venue: "ICLR",
      url: "https://arxiv.org/abs/2408.11104",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: "where gradients are linearly dependent, equal angles may not exist and the nearest may conflict",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "where gradients are dependent, the sign of the length depends on their norms",
      targetDescent: "where gradients are linearly dependent, the nearest to equal angles may conflict with the target",
    },
    create: config,
  },
];
