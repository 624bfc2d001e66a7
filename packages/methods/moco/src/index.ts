import {
  type FloatArray,
  type GradientPool,
  type GramSet,
  type Method,
  type OptionSchema,
  type PoolContext,
  requireFinite,
  resolveOptions,
  type RunningGradients,
  runningGradients,
  type TaskGradients,
} from "@gradpool/core";
import { projectSimplex } from "@gradpool/linalg";

export interface MocoOptions {
  /** β in (0, 1], default 0.5: how fast the running gradients follow the gradients. */
  readonly beta: number;
  /** γ ≥ 0, default 0.1: step size of λ. */
  readonly gamma: number;
  /** ρ ≥ 0, default 0: ridge on λ. */
  readonly rho: number;
  /** σ ≥ 0, default 0: β and γ are divided by step^σ. */
  readonly betaSigma: number;
  readonly gammaSigma: number;
  /** True (default): YYᵀ is divided by its mean diagonal, so that γ and ρ mean the same at every scale. */
  readonly relative: boolean;
  /** `simplex` (default, the paper): Euclidean projection. `softmax`: as LibMTL has it. */
  readonly projection: "simplex" | "softmax";
}

const options = {
  beta: { type: "number", min: 0, exclusiveMin: true, max: 1, default: 0.5, description: "speed of the averages" },
  gamma: { type: "number", min: 0, default: 0.1, description: "step size of the task weights" },
  rho: { type: "number", min: 0, default: 0, description: "ridge on the task weights" },
  betaSigma: { type: "number", min: 0, default: 0, description: "beta is divided by step to this power" },
  gammaSigma: { type: "number", min: 0, default: 0, description: "gamma is divided by step to this power" },
  relative: { type: "boolean", default: true, description: "measure the Gram against its mean diagonal" },
  projection: {
    type: "enum",
    values: ["simplex", "softmax"],
    default: "simplex",
    description: "how the task weights return to the simplex",
  },
} satisfies OptionSchema;

/** Running gradients (T × P numbers), λ on the simplex, and the steps taken. */
export interface MocoState {
  readonly steps: number;
  readonly lambda: Float64Array;
  readonly running: RunningGradients;
}

/**
 * MoCo: yᵢ ← yᵢ − β (yᵢ − gᵢ) from 0; λ ← Π_Δ(λ − γ (YYᵀ + ρI) λ) from 1/T; combined = Σ λᵢyᵢ with the new λ. Running gradients
 * take T × P numbers of state, for dense parameters or the representation: a table is an error that names it.
 * Absent tasks keep their y and λ; the others share the rest of the simplex.
 *
 * Source: Fernando et al. 2023, algorithm 1, eq. 8–10.
 */
export function moco(given: Partial<MocoOptions> = {}): GradientPool<MocoState> {
  const resolved = resolveOptions<MocoOptions>("moco", options, given);
  const { beta, betaSigma } = resolved;
  return {
    spec: 1,
    name: "moco",
    options: resolved,
    needs: "gradients",
    granularity: "model",
    level: "parameters",
    init: ({ names: { length } }) => ({ steps: 0, lambda: new Float64Array(length).fill(1 / length), running: {} }),
    pool(gradients: TaskGradients, context: PoolContext, state: MocoState) {
      requireFinite("moco", gradients.gram("parameter", "norms"), context);
      const steps = state.steps + 1;
      const rate = beta / steps ** betaSigma;
      const donate = context.donate === true;
      const step = runningGradients("moco", gradients, state.running, { rate, donate });
      const lambda = descend(step.gradients.gram("model"), state.lambda, steps, resolved);
      const weights = lambda.map((value, i) => (gradients.present[i] === true ? value : 0));
      const sum = step.gradients.combine({ granularity: "model", weights });
      context.report?.({ pool: "moco", values: { lambda: Array.from(lambda), started: [...step.started] } });
      const values = gradients.parameters.map(({ name }): [string, FloatArray] => [name, sum.value(name)]);
      return { combined: gradients.assemble(new Map(values)), state: { steps, lambda, running: step.state } };
    },
  };
}

function descend(grams: GramSet, held: Float64Array, steps: number, resolved: MocoOptions): Float64Array {
  const { norms, cosines, tasks, present } = grams;
  const { gamma, gammaSigma, rho, relative, projection } = resolved;
  const index = Array.from(held.keys()).filter((i) => present[i] === true);
  const most = index.reduce((max, i) => Math.max(max, norms[i] as number), 0);
  if (index.length === 0 || most === 0) return held;
  const share = index.reduce((sum, i) => sum + (held[i] as number), 0);
  const before = index.map((i) => (share > 0 ? (held[i] as number) / share : 1 / index.length));
  const mean = index.reduce((sum, i) => sum + ((norms[i] as number) / most) ** 2, 0) / index.length;
  const unit = relative ? Math.sqrt(mean) * most : 1;
  const moved = index.map((i, a) => {
    let slope = rho * (before[a] as number);
    index.forEach((j, b) => {
      const term = ((norms[i] as number) / unit) * ((norms[j] as number) / unit) * (cosines[i * tasks + j] as number);
      slope += term * (before[b] as number);
    });
    return (before[a] as number) - (gamma / steps ** gammaSigma) * slope;
  });
  const after = projection === "simplex" ? projectSimplex(moved) : softmax(moved);
  const lambda = held.slice();
  index.forEach((i, a) => (lambda[i] = share * (after[a] as number)));
  return lambda;
}

function softmax(values: readonly number[]): number[] {
  const top = Math.max(...values);
  const shares = values.map((value) => Math.exp(value - top));
  const total = shares.reduce((a, b) => a + b, 0);
  return shares.map((value) => value / total);
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "moco",
    summary: "Running gradients correct the bias of small batches; weights step towards their minimum-norm point.",
    paper: {
      title: "Mitigating Gradient Bias in Multi-objective Learning: A Provably Convergent Approach",
      authors: "Heshan Fernando, Han Shen, Miao Liu, Subhajit Chaudhury, Keerthiram Murugesan, Tianyi Chen",
      year: 2023,
      venue: "ICLR",
      url: "https://arxiv.org/abs/2210.12624",
    },
    options,
    levels: ["parameters", "representation"],
    granularities: ["model"],
    tables: "running gradients would touch every row of a table in every step",
    properties: {
      nonConflicting: "one step of the weights approaches the minimum-norm point, it does not reach it",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "small gradients get large weights",
      targetDescent: "the target's weight may become zero",
    },
    create: moco,
  },
];
