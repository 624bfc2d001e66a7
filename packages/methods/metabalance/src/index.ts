import {
  definePool,
  type GradientPool,
  type Granularity,
  granularityOption,
  type Gram,
  type GroupContext,
  type Method,
  type OptionSchema,
  type PerGroup,
  resolveOptions,
  type Weighing,
} from "@gradpool/core";

export interface MetaBalanceOptions {
  /** Which auxiliaries are moved: those larger than the target, those smaller, or `both` (default). */
  readonly strategy: "reduce" | "enlarge" | "both";
  /** r in [0, 1], default 0.7: 0 is equal weighting, 1 gives every auxiliary the target's magnitude. */
  readonly relax: number;
  /** β in [0, 1), default 0.9: decay of the moving averages of the norms; 0 uses the current norms. */
  readonly beta: number;
  /** Default `parameter`: each tensor is balanced on its own. */
  readonly granularity: Granularity;
}

const options = {
  strategy: {
    type: "enum",
    values: ["reduce", "enlarge", "both"],
    default: "both",
    description: "move auxiliaries that are larger than the target, smaller, or both",
  },
  relax: { type: "number", min: 0, max: 1, default: 0.7, description: "how far towards the target's magnitude" },
  beta: {
    type: "number",
    min: 0,
    max: 1,
    exclusiveMax: true,
    default: 0.9,
    description: "decay of the norms' averages",
  },
  granularity: granularityOption("parameter"),
} satisfies OptionSchema;

/**
 * MetaBalance. Per group, with n the norms and m ← β m + (1 − β) n from 0 (no bias correction: it cancels in the ratio):
 * w_target = 1 and w_i = r · m_target / m_i + (1 − r) for the auxiliaries that the strategy moves, else 1; combined =
 * Σ wᵢ gᵢ. `reduce` moves where m_i > m_target, `enlarge` where m_i < m_target. A zero gradient's average still decays;
 * m_i = 0 gives w_i = 1. An absent task's average stands still; an absent target is balanced to by its last average.
 * State: m (T numbers) per group. Needs norms only.
 *
 * Source: He et al. 2022, algorithm 1; Lee 2023, §3.4.2.
 */
export function metaBalance(given: Partial<MetaBalanceOptions> = {}): GradientPool<PerGroup<Float64Array> | null> {
  const resolved = resolveOptions<MetaBalanceOptions>("metabalance", options, given);
  return definePool<Float64Array>({
    name: "metabalance",
    options: resolved,
    needs: "norms",
    granularity: resolved.granularity,
    zeros: "keep",
    init: (tasks) => new Float64Array(tasks.names.length),
    weigh: (gram, context, state) => balance(gram, context, state, resolved),
  });
}

function balance(
  { size, index, norms }: Gram,
  { tasks, report, parameter, row }: GroupContext,
  averages: Float64Array,
  { strategy, relax, beta }: MetaBalanceOptions,
): Weighing<Float64Array> {
  for (let a = 0; a < size; a++) {
    const i = index[a] as number;
    averages[i] = beta * (averages[i] as number) + (1 - beta) * (norms[a] as number);
  }
  const target = averages[tasks.target] as number;
  const weights: number[] = [];
  for (let a = 0; a < size; a++) {
    const i = index[a] as number;
    const own = averages[i] as number;
    const moves = own > 0 && (strategy === "both" || (strategy === "reduce" ? own > target : own < target));
    // An average that has decayed for thousands of steps may be subnormal: the ratio stays finite.
    const moved = relax * Math.min(target / own, Number.MAX_VALUE) + (1 - relax);
    weights.push(i === tasks.target || !moves ? 1 : moved);
  }
  if (report === undefined || row !== undefined) return { weights, state: averages };
  return { weights, state: averages, diagnostics: { parameter, averages: [...averages], weights } };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "metabalance",
    summary: "Brings each auxiliary's gradient magnitude, per parameter tensor, towards the target's.",
    paper: {
      title: "MetaBalance: Improving Multi-Task Recommendations via Adapting Gradient Magnitudes of Auxiliary Tasks",
      authors: "Yun He, Xue Feng, Cheng Cheng, Geng Ji, Yunsong Guo, James Caverlee",
      year: 2022,
      venue: "Proceedings of the ACM Web Conference",
      url: "https://arxiv.org/abs/2203.06801",
    },
    options,
    levels: ["parameters", "representation"],
    granularities: ["parameter", "model", "row"],
    properties: {
      nonConflicting: "weights change magnitudes, not directions",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "with relax < 1 part of each task's own magnitude is kept",
      targetDescent: "auxiliaries that oppose the target may together outweigh it",
    },
    variants: [{ options: { relax: 1 }, properties: { taskScaleInvariant: true } }],
    create: metaBalance,
  },
];
