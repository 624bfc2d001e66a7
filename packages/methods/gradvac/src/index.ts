import {
  definePool,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  type Gram,
  type GroupContext,
  type Method,
  type Mixing,
  type OptionSchema,
  type PerGroup,
  reductionOption,
  resolveOptions,
  visitOrder,
} from "@gradpool/core";

export interface GradvacOptions {
  /** β in [0, 1], default 0.01: how fast the cosine goals follow the cosines. */
  readonly beta: number;
  /** How the vaccinated rows become one gradient; `sum` by default. */
  readonly reduction: "sum" | "mean";
  readonly granularity: Granularity;
}

const options = {
  beta: { type: "number", min: 0, max: 1, default: 0.01, description: "how fast the cosine goals follow the cosines" },
  reduction: reductionOption("sum"),
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/** Goals are kept this far from ±1 in use: at 1 the step along gⱼ would be without end. */
const largestGoal = 1 - 1e-6;

/**
 * GradVac. For each i, v = gᵢ; for each j ≠ i in a fresh random order: φ = cos(v, gⱼ); if φ < φ̄ᵢⱼ then v += a gⱼ,
 * a = ‖v‖ (φ̄ √(1−φ²) − φ √(1−φ̄²)) / (‖gⱼ‖ √(1−φ̄²)), which brings the cosine to its goal φ̄; then always
 * φ̄ᵢⱼ ← (1−β) φ̄ᵢⱼ + β φ, from 0. The v are added. State: φ̄, T × T per group. With β = 0 it is PCGrad.
 * Goals act as at most 1 − 1e-6, which bounds a at 707 ‖v‖/‖gⱼ‖. Where v has cancelled to nothing there is no cosine.
 *
 * Source: Wang et al. 2021, eq. 3–4 and algorithm 1.
 */
export function gradvac(given: Partial<GradvacOptions> = {}): GradientPool<PerGroup<Float64Array> | null> {
  const resolved = resolveOptions<GradvacOptions>("gradvac", options, given);
  return definePool<Float64Array>({
    name: "gradvac",
    options: resolved,
    granularity: resolved.granularity,
    init: ({ names }) => new Float64Array(names.length ** 2),
    mix: (gram, context, goals) => vaccinate(gram, context, goals, resolved),
  });
}

function vaccinate(
  gram: Gram,
  context: GroupContext,
  goals: Float64Array,
  { beta, reduction }: GradvacOptions,
): Mixing<Float64Array> {
  const { size, index, norms, cosines, count } = gram;
  const tasks = context.tasks.names.length;
  const mixing = new Float64Array(size * size);
  const factor = reduction === "mean" ? 1 / count : 1;
  const v = new Float64Array(size);
  /** ⟨v, uₖ⟩, which follows v: each of the T² visits then costs T operations, not T². */
  const along = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    v.fill(0);
    v[i] = 1;
    along.set(cosines.subarray(i * size, (i + 1) * size));
    for (const j of visitOrder(gram, context, i)) {
      const length = norm(v, along);
      if (length === 0) continue;
      const cosine = Math.max(-1, Math.min(1, (along[j] as number) / length));
      const at = (index[i] as number) * tasks + (index[j] as number);
      const goal = Math.min(goals[at] as number, largestGoal);
      if (cosine < goal) {
        const sine = Math.sqrt(1 - goal * goal);
        const step = (length * (goal * Math.sqrt(1 - cosine * cosine) - cosine * sine)) / sine;
        v[j] = (v[j] as number) + step;
        for (let k = 0; k < size; k++) along[k] = (along[k] as number) + step * (cosines[j * size + k] as number);
      }
      goals[at] = (1 - beta) * (goals[at] as number) + beta * cosine;
    }
    const scale = factor * (norms[i] as number);
    for (let k = 0; k < size; k++) mixing[i * size + k] = scale * ((v[k] as number) / (norms[k] as number));
  }
  return { mixing, state: goals };
}

/** ‖v‖, v = Σ vₖuₖ, from ⟨v, uₖ⟩; 0 if it cancels to rounding. */
function norm(v: Float64Array, along: Float64Array): number {
  const size = v.length;
  let square = 0;
  let terms = 0;
  for (let k = 0; k < size; k++) {
    square += (v[k] as number) * (along[k] as number);
    terms += Math.abs(v[k] as number);
  }
  return square > 4 * size * Number.EPSILON * terms * terms ? Math.sqrt(square) : 0;
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "gradvac",
    summary: "Brings the cosines of the task gradients up to goals that follow their averages.",
    paper: {
      title: "Gradient Vaccine: Investigating and Improving Multi-task Optimization in Massively Multilingual Models",
      authors: "Zirui Wang, Yulia Tsvetkov, Orhan Firat, Yuan Cao",
      year: 2021,
      venue: "ICLR",
      url: "https://arxiv.org/abs/2010.05874",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: "with three tasks and more, a later step may undo an earlier one; negative goals allow conflict",
      permutationEquivariant: "the order of the steps is random",
      scaleLinear: true,
      taskScaleInvariant: "the vaccinated rows keep the scale of their tasks",
      targetDescent: "a sum of vaccinated rows may still conflict with the target",
    },
    create: gradvac,
  },
];
