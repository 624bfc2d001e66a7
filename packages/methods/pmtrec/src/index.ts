import {
  definePool,
  type GradientPool,
  type Granularity,
  granularityOption,
  type Gram,
  type Method,
  type OptionSchema,
  type PerGroup,
  resolveOptions,
} from "@gradpool/core";

export interface PmtRecOptions {
  /** α ≥ 1, default 1.1: the target's norm grows by αˢ with the epoch s; 1 is the ablation without task focusing. */
  readonly alpha: number;
  /** τ > 0, default 1e-4: the softmax temperature, in the unit of the gradients' norms. */
  readonly tau: number;
  /** False: the ablation without magnitude balancing, weights n / Σ n in place of the softmax. */
  readonly balance: boolean;
  /** Default `row`: each embedding row is weighted on its own; tensors that are not tables count as one group each. */
  readonly granularity: Granularity;
}

const options = {
  alpha: { type: "number", min: 1, default: 1.1, description: "growth of the target's norm per epoch" },
  tau: {
    type: "number",
    min: 0,
    exclusiveMin: true,
    default: 1e-4,
    description: "temperature of the softmax over norms",
  },
  balance: { type: "boolean", default: true, description: "softmax over norms; false: plain shares of the norms" },
  granularity: granularityOption("row"),
} satisfies OptionSchema;

/**
 * PMTRec: personalised weights for each user's and item's embedding row. With n_t the norm of task t's gradient of the
 * row, n_target ← n_target · αˢ in epoch s (counted from 1) and w = softmax(n / τ) over the tasks present; combined row =
 * Σ w_t g_t. A task that did not touch the row enters the softmax with norm 0, as in the paper's stacked form.
 * τ is in the unit of the norms, so scaling all gradients changes the weights. Stateless; needs norms only.
 *
 * Source: Yang et al. 2024, §3.2 (task focusing, gradient magnitude balancing) and algorithm 1.
 */
export function pmtRec(given: Partial<PmtRecOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<PmtRecOptions>("pmtrec", options, given);
  // Thousands of rows a step: their weights are copied out after each call, so one array serves them all.
  let weights = new Float64Array(0);
  let answer = { weights };
  let epoch = Number.NaN;
  let growth = 1;
  return definePool<null>({
    name: "pmtrec",
    options: resolved,
    needs: "norms",
    granularity: resolved.granularity,
    zeros: "keep",
    weigh(gram, context) {
      if (weights.length !== gram.size) {
        weights = new Float64Array(gram.size);
        answer = { weights };
      }
      if (epoch !== context.epoch) {
        epoch = context.epoch;
        growth = resolved.alpha ** epoch;
      }
      personalise(gram, growth, resolved, weights);
      return answer;
    },
  });
}

function personalise(gram: Gram, growth: number, { tau, balance }: PmtRecOptions, weights: Float64Array): void {
  const { size, target, norms } = gram;
  for (let a = 0; a < size; a++) weights[a] = norms[a] as number;
  // αˢ overflows in late epochs: then the target's row takes all the weight.
  const focused = target < 0 ? 0 : (weights[target] as number);
  if (focused > 0) weights[target] = Math.min(focused * growth, Number.MAX_VALUE);
  let most = 0;
  for (let a = 0; a < size; a++) most = Math.max(most, weights[a] as number);
  if (most === 0 && !balance) return;
  let total = 0;
  // Most rows were touched by one task, and the others' norms are the same zero: one exponential serves them.
  let seen = most;
  let held = 1;
  for (let a = 0; a < size; a++) {
    const norm = weights[a] as number;
    if (balance && norm !== seen && norm !== most) {
      seen = norm;
      held = Math.exp((norm - most) / tau);
    }
    const share = balance ? (norm === most ? 1 : held) : norm / most;
    weights[a] = share;
    total += share;
  }
  for (let a = 0; a < size; a++) weights[a] = (weights[a] as number) / total;
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "pmtrec",
    summary:
      "Weighs the tasks for every embedding row by a softmax over their gradients' norms, focusing on the target.",
    paper: {
      title: "Personalized Multi-task Training for Recommender System",
      authors:
        "Liangwei Yang, Zhiwei Liu, Jianguo Zhang, Rithesh Murthy, Shelby Heinecke, Huan Wang, Caiming Xiong, Philip S. Yu",
      year: 2024,
      venue: "arXiv",
      url: "https://arxiv.org/abs/2407.21364",
    },
    options,
    levels: ["parameters"],
    granularities: ["row", "parameter", "model"],
    properties: {
      nonConflicting: "weights change magnitudes, not directions",
      permutationEquivariant: true,
      scaleLinear: "tau is in the unit of the gradients' norms",
      taskScaleInvariant: "the largest gradient has the largest say",
      targetDescent: "an auxiliary with the larger norm may outweigh the target",
    },
    variants: [{ options: { balance: false }, properties: { scaleLinear: true } }],
    create: pmtRec,
  },
];
