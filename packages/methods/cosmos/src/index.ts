import {
  defineLossPool,
  type GradientPool,
  type Method,
  type OptionSchema,
  type PoolContext,
  readLoss,
  resolveOptions,
  taskVector,
} from "@gradpool/core";

export interface CosmosOptions {
  /** λ ≥ 0, default 1 (the paper: 0.01 … 8, searched): pull of the loss vector towards the ray of r. */
  readonly lambda: number;
  /** r per task, default null: 1 each. */
  readonly weights: readonly number[] | null;
  /** `dirichlet`: r is drawn in every step, for a model that is given it as an input. */
  readonly sample: "none" | "dirichlet";
}

const options = {
  lambda: {
    type: "number",
    min: 0,
    default: 1,
    description: "pull of the loss vector towards the ray of the weights; search it",
  },
  weights: { type: "vector", min: 0, default: null, description: "preference per task; null: 1 each" },
  sample: {
    type: "enum",
    values: ["none", "dirichlet"],
    default: "none",
    description: "dirichlet: preferences are drawn in every step, uniform on the simplex",
  },
} satisfies OptionSchema;

/**
 * COSMOS: total = Σ rᵢLᵢ − λ cos(r, L), so w = r − λ (r/(‖r‖‖L‖) − cos · L/‖L‖²): the weighted sum, and a pull of the losses towards the
 * ray of r. A large loss beside a small preference is weighed more, a small one less, down to negative weights. L = 0: w = r.
 *
 * Diagnostics: weights, `preferences` (r), `total`.
 *
 * Source: Ruchte & Grabocka 2021, eq. 4. **Choice:** λ has no default in the paper, here it is 1.
 */
export function cosmos(given: Partial<CosmosOptions> = {}): GradientPool<null> {
  const resolved = resolveOptions<CosmosOptions>("cosmos", options, given);
  return defineLossPool<null>({
    name: "cosmos",
    options: resolved,
    weigh({ index }, context) {
      const losses = index.map((i) => readLoss("cosmos", context, i));
      const r = preferences(resolved, context, index);
      const sum = losses.reduce((total, loss, a) => total + (r[a] as number) * loss, 0);
      const [length, reach] = [Math.hypot(...losses), Math.hypot(...r)];
      if (length === 0 || reach === 0) return { weights: r, diagnostics: { weights: r, preferences: r, total: sum } };
      const cosine = losses.reduce((total, loss, a) => total + ((r[a] as number) / reach) * (loss / length), 0);
      const weights = r.map(
        (value, a) => value - (resolved.lambda / length) * (value / reach - cosine * ((losses[a] as number) / length)),
      );
      return { weights, diagnostics: { weights, preferences: r, total: sum - resolved.lambda * cosine } };
    },
  });
}

/** The preferences of the tasks present; drawn ones by exponentials of every task, so that absence changes nobody else's draw. */
function preferences({ weights, sample }: CosmosOptions, context: PoolContext, index: readonly number[]): number[] {
  const given = taskVector("cosmos", "weights", weights, context, 1);
  if (sample === "none") return index.map((i) => given[i] as number);
  const drawn = given.map(() => -Math.log(1 - context.random.uniform()));
  const total = index.reduce((sum, i) => sum + (drawn[i] as number), 0);
  return index.map((i) => (drawn[i] as number) / total);
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "cosmos",
    summary: "A weighted sum of the losses, with a pull of the losses towards the ray of the weights.",
    paper: {
      title: "Scalable Pareto Front Approximation for Deep Multi-Objective Learning",
      authors: "Michael Ruchte, Josif Grabocka",
      year: 2021,
      venue: "ICDM",
      url: "https://arxiv.org/abs/2103.13392",
    },
    options,
    levels: ["losses"],
    granularities: [],
    properties: {
      nonConflicting: "a weighted sum may point against any of its terms",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the weights follow the losses, not the gradients",
      targetDescent: "auxiliaries may outweigh the target, whose weight may be negative",
    },
    create: cosmos,
  },
];
