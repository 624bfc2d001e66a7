import {
  crossGram,
  definePool,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  GradpoolError,
  type Method,
  type OptionSchema,
  type PerGroup,
  type PoolContext,
  type PoolResult,
  putPart,
  requireFinite,
  resolveOptions,
  takePart,
  type TaskGradients,
} from "@gradpool/core";
import { type Descent, descend, problemOf, type Scaling } from "./descend.js";

export interface SdmgradOptions extends Descent, Scaling {
  /** ρ ≥ 0, default 0.3: pull towards the mean gradient; 0 is MGDA by projected steps. */
  readonly rho: number;
  /** Projected steps per call, default 20. */
  readonly iterations: number;
  /** Step size over `scale`, default 1; of `rows`, descent is certain up to 2. */
  readonly lr: number;
  /** Momentum in [0, 1) within a call, default 0. */
  readonly momentum: number;
  /**
   * What steps are relative to: the Gram's largest absolute row sum (default, a bound on its largest eigenvalue); `norms`:
   * (meanᵢ √(n₁ᵢn₂ᵢ))²; `diag`: (meanᵢ √max(Xᵢᵢ, 0))², as references do.
   */
  readonly scale: "rows" | "norms" | "diag";
  /** Added to `diag`'s square; TorchJD and LibMTL add 1e-8. */
  readonly scaleEps: number;
  /** Added to Xᵢᵢ under `diag`'s root; the authors add 1e-4. */
  readonly diagShift: number;
  /** `single` (default): a batch's own Gram; `double`: the paper's three independent batches, whole models only. */
  readonly sampling: "single" | "double";
  readonly granularity: Granularity;
}

const options = {
  rho: { type: "number", min: 0, default: 0.3, description: "pull towards the mean gradient" },
  iterations: { type: "number", integer: true, min: 1, default: 20, description: "projected steps per call" },
  lr: { type: "number", min: 0, exclusiveMin: true, default: 1, description: "step size, over the scale" },
  momentum: { type: "number", min: 0, max: 1, exclusiveMax: true, default: 0, description: "within a call" },
  scale: {
    type: "enum",
    values: ["rows", "norms", "diag"],
    default: "rows",
    description: "what steps are relative to: the largest row sum, mean norms, or the mean diagonal's root",
  },
  scaleEps: { type: "number", min: 0, default: 0, description: "added to scale=diag; TorchJD adds 1e-8" },
  diagShift: { type: "number", min: 0, default: 0, description: "added under scale=diag's root; the authors add 1e-4" },
  sampling: {
    type: "enum",
    values: ["single", "double"],
    default: "single",
    description: "inner products of one batch, or of two independent ones, whose weights go to a third",
  },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

type State = PerGroup<Float64Array> | null;

/**
 * SDMGrad: λ descends on ½‖Σ (λᵢ + ρλ₀) gᵢ‖² over the simplex by projected gradient steps, λ₀ = 1/T; combined =
 * Σ (λᵢ + ρλ₀) gᵢ / (1 + ρ). State: λ, T numbers per group, where the next step goes on. Absent tasks keep their λ, zero gradients too; the
 * others share the rest of the simplex.
 *
 * Double sampling: where the context has a `second` and a `third` batch, inner products are of the first two, X = J₁J₂ᵀ, and the weights go to
 * the third: unbiased, and Xᵢᵢ < 0 is ordinary then. Whole models only. `sampling: "double"` asks for them. The paper's setting: `scale: "norms", lr: 10, momentum: 0.5`.
 *
 * Diagnostics: weights, `lambda`. Source: Xiao et al. 2023, algorithm 1 and eq. 5.
 */
export function sdmgrad(given: Partial<SdmgradOptions> = {}): GradientPool<State> {
  const resolved = resolveOptions<SdmgradOptions>("sdmgrad", options, given);
  const double = resolved.sampling === "double";
  if (double && resolved.granularity !== "model") throw wholeOnly(resolved, "sdmgrad");
  const single = definePool<Float64Array>({
    name: "sdmgrad",
    options: resolved,
    granularity: resolved.granularity,
    init: ({ names }) => new Float64Array(names.length).fill(1 / names.length),
    weigh({ norms, cosines, index, size }, _context, state) {
      const share = index.reduce((sum, i) => sum + (state[i] as number), 0);
      const start = Float64Array.from(index, (i) => (share > 0 ? (state[i] as number) / share : 1 / size));
      const lambda = descend(start, problemOf(norms, norms, cosines, resolved), resolved);
      index.forEach((i, a) => (state[i] = share * (lambda[a] as number)));
      const weights = lambda.map((value) => (value + resolved.rho / size) / (1 + resolved.rho));
      return { weights, state, diagnostics: { weights: Array.from(weights), lambda: Array.from(lambda) } };
    },
  });
  return {
    ...single,
    ...(double && { batches: 3 as const }),
    pool(gradients, context, state) {
      const { second, third } = context;
      if (second === undefined || third === undefined) {
        if (double) throw lacking(second === undefined ? "second" : "third", context);
        return single.pool(gradients, context, state);
      }
      return sampled([gradients, second, third], context, state, resolved);
    },
  };
}

function sampled(
  [first, second, third]: readonly [TaskGradients, TaskGradients, TaskGradients],
  context: PoolContext,
  state: State,
  resolved: SdmgradOptions,
): PoolResult<State> {
  if (resolved.granularity !== "model") throw wholeOnly(resolved, `sdmgrad, step ${context.step}`);
  for (const one of [first, second]) requireFinite("sdmgrad", one.gram("parameter", "norms"), context);
  const { present, norms, others, cosines, tasks } = crossGram(first, second, "model");
  const index = present.flatMap((here, i) =>
    here && third.present[i] === true && (norms[i] as number) > 0 && (others[i] as number) > 0 ? [i] : [],
  );
  const weights = new Float64Array(tasks);
  if (index.length === 0) return { combined: third.combine({ granularity: "model", weights }), state };
  const held = state?.groups[""] ?? new Float64Array(tasks).fill(1 / tasks);
  const { values, mass } = takePart(held, index, 1);
  const pick = (all: Float64Array): Float64Array => Float64Array.from(index, (i) => all[i] as number);
  const own = Float64Array.from(index.flatMap((i) => index.map((j) => cosines[i * tasks + j] as number)));
  const lambda = descend(values, problemOf(pick(norms), pick(others), own, resolved), resolved);
  const next = putPart(held, index, lambda, { mass, total: 1 });
  index.forEach((i, a) => {
    weights[i] = ((lambda[a] as number) + resolved.rho / index.length) / (1 + resolved.rho);
  });
  context.report?.({ pool: "sdmgrad", values: { weights: Array.from(weights), lambda: Array.from(next) } });
  const combined = third.combine({ granularity: "model", weights });
  return { combined, state: { groups: { ...state?.groups, "": next }, rows: state?.rows ?? {} } };
}

const wholeOnly = ({ granularity }: SdmgradOptions, where: string): GradpoolError =>
  new GradpoolError({
    code: "unsupported",
    what: `granularity is ${granularity}`,
    where,
    remedy: "give one batch (sampling: single), or choose the granularity model",
  });

const lacking = (which: string, { step }: PoolContext): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what: `no ${which} batch`,
    where: `sdmgrad, step ${step}`,
    remedy: `give the gradients of an independent batch over the same parameters: ${which} in the context (batchesOf), or sampling: single`,
  });

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "sdmgrad",
    summary: "Steps towards the minimum-norm point, regularised towards the mean gradient.",
    paper: {
      title: "Direction-oriented Multi-objective Learning: Simple and Provable Stochastic Algorithms",
      authors: "Peiyao Xiao, Hao Ban, Kaiyi Ji",
      year: 2023,
      venue: "NeurIPS",
      url: "https://arxiv.org/abs/2305.18409",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: "a few steps approach the optimum, and the pull towards the mean may conflict",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "small gradients get large weights",
      targetDescent: "the mean may conflict with the target",
    },
    create: sdmgrad,
  },
];
