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
} from "@gradpool/core";
import { projectDualCone } from "@gradpool/linalg";

export interface UpgradOptions {
  /** Preference u ≥ 0 per task, default null: 1/T each. */
  readonly weights: readonly number[] | null;
  readonly granularity: Granularity;
}

export type DualProjOptions = UpgradOptions;

const options = {
  weights: { type: "vector", min: 0, default: null, description: "preference per task; null: 1/T each" },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/** The preferences of the tasks that take part; T counts the tasks of the step, zero gradients included. */
function preferences(pool: string, given: readonly number[] | null, gram: Gram, context: GroupContext): number[] {
  const all = taskVector(pool, "weights", given, context, 1 / gram.count);
  return gram.index.map((i) => all[i] as number);
}

/**
 * UPGrad: every weighted gradient uᵢgᵢ is projected on the dual cone {d : ⟨d, gⱼ⟩ ≥ 0 for all j}; the projections are added.
 * In Gram space the projection of gᵢ is Σ vⱼgⱼ, v the minimiser of vᵀGv over v ≥ eᵢ: T quadratic programs of size T, each
 * by an exact active set in unit rows.
 *
 * Source: Quinton & Rey 2024, definition 1 and proposition 1.
 */
export function upgrad(given: Partial<UpgradOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<UpgradOptions>("upgrad", options, given);
  return definePool<null>({
    name: "upgrad",
    options: resolved,
    granularity: resolved.granularity,
    weigh(gram, context) {
      const u = preferences("upgrad", resolved.weights, gram, context);
      return project(
        gram,
        u.map((_, i) => u.map((value, j) => (i === j ? value : 0))),
      );
    },
  });
}

/**
 * DualProj: the projection of the weighted sum Σ uᵢgᵢ on the dual cone {d : ⟨d, gⱼ⟩ ≥ 0 for all j}: one quadratic program.
 *
 * Source: Lopez-Paz & Ranzato 2017 (GEM), eq. 8–11; Quinton & Rey 2024, §3.
 */
export function dualProj(given: Partial<DualProjOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<DualProjOptions>("dualproj", options, given);
  return definePool<null>({
    name: "dualproj",
    options: resolved,
    granularity: resolved.granularity,
    weigh: (gram, context) => project(gram, [preferences("dualproj", resolved.weights, gram, context)]),
  });
}

function project({ norms, cosines, size }: Gram, starts: readonly (readonly number[])[]) {
  const weights = new Float64Array(size);
  let status: "optimal" | "limit" = "optimal";
  for (const start of starts) {
    if (start.every((value) => value === 0)) continue;
    const cone = projectDualCone(norms, cosines, start, size);
    cone.weights.forEach((v, j) => (weights[j] = (weights[j] as number) + v));
    if (cone.status === "limit") status = "limit";
  }
  return { weights, diagnostics: { weights: Array.from(weights), status } };
}

const shared = {
  spec: 1,
  options,
  levels: ["parameters", "representation"],
  granularities,
  properties: {
    nonConflicting: true,
    permutationEquivariant: true,
    scaleLinear: true,
    taskScaleInvariant: "every projection keeps the scale of its gradient",
    targetDescent: true,
  },
} as const;

export const methods: readonly Method[] = [
  {
    ...shared,
    name: "upgrad",
    summary: "Projects each gradient on the cone of non-conflicting directions, then adds the projections.",
    paper: {
      title: "Jacobian Descent for Multi-Objective Optimization",
      authors: "Pierre Quinton, Valérian Rey",
      year: 2024,
      venue: "arXiv",
      url: "https://arxiv.org/abs/2406.16232",
    },
    create: upgrad,
  },
  {
    ...shared,
    name: "dualproj",
    summary: "Projects the mean gradient on the cone of non-conflicting directions.",
    paper: {
      title: "Gradient Episodic Memory for Continual Learning",
      authors: "David Lopez-Paz, Marc'Aurelio Ranzato",
      year: 2017,
      venue: "NeurIPS",
      url: "https://arxiv.org/abs/1706.08840",
    },
    create: dualProj,
  },
];
