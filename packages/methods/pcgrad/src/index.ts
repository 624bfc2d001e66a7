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
  reductionOption,
  resolveOptions,
  visitOrder,
} from "@gradpool/core";

export interface PcgradOptions {
  /** `all` (default, "original"): every task is projected against every other. `target` ("adjusted", Lee 2023, §3.4.3): only auxiliaries move, against the target. */
  readonly against: "all" | "target";
  /** How the projected rows become one gradient; `sum` by default, reference ports differ. */
  readonly reduction: "sum" | "mean";
  readonly granularity: Granularity;
}

const options = {
  against: {
    type: "enum",
    values: ["all", "target"],
    default: "all",
    description: "project every task against every other, or only the auxiliaries against the target",
  },
  reduction: reductionOption("sum"),
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * PCGrad, also called gradient surgery. For each task i, v = gᵢ; for each j ≠ i in a fresh random order, if ⟨v, gⱼ⟩ < 0
 * then v ← v − ⟨v, gⱼ⟩ / ‖gⱼ‖² · gⱼ, always with the original gⱼ. The v are added. Runs on the coefficients of v over unit
 * rows, so its cost does not depend on the number of parameters.
 *
 * Source: Yu et al. 2020, algorithm 1; Lee 2023, §3.4.3, for `against: "target"`.
 */
export function pcgrad(given: Partial<PcgradOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<PcgradOptions>("pcgrad", options, given);
  return definePool<null>({
    name: "pcgrad",
    options: resolved,
    granularity: resolved.granularity,
    mix: (gram, context) => ({ mixing: surgery(gram, context, resolved) }),
  });
}

/** Plain arrays: at row granularity this runs ten thousand times a step, and typed arrays are slow to make. */
function surgery(gram: Gram, context: GroupContext, { against, reduction }: PcgradOptions): number[] {
  const { size, norms, cosines, target } = gram;
  const mixing: number[] = [];
  const factor = reduction === "mean" ? 1 / gram.count : 1;
  const adjusted = target >= 0 ? [target] : [];
  const v: number[] = [];
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) v[k] = 0;
    v[i] = 1;
    for (const j of against === "all" ? visitOrder(gram, context, i) : adjusted) {
      if (j === i) continue;
      let along = 0;
      for (let k = 0; k < size; k++) along += (v[k] as number) * (cosines[k * size + j] as number);
      if (along < 0) v[j] = (v[j] as number) - along;
    }
    const scale = factor * (norms[i] as number);
    for (let k = 0; k < size; k++) mixing.push(scale * ((v[k] as number) / (norms[k] as number)));
  }
  return mixing;
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "pcgrad",
    summary: "Projects each task's gradient on the normal plane of the gradients that it conflicts with.",
    paper: {
      title: "Gradient Surgery for Multi-Task Learning",
      authors: "Tianhe Yu, Saurabh Kumar, Abhishek Gupta, Sergey Levine, Karol Hausman, Chelsea Finn",
      year: 2020,
      venue: "NeurIPS",
      url: "https://arxiv.org/abs/2001.06782",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting: "with three tasks and more, a later projection may undo an earlier one",
      permutationEquivariant: "the order of projections is random",
      scaleLinear: true,
      taskScaleInvariant: "the projected rows keep the scale of their tasks",
      targetDescent: "with three tasks and more, a sum of projected rows may still conflict with the target",
    },
    variants: [
      {
        options: {},
        maxTasks: 2,
        properties: { nonConflicting: true, permutationEquivariant: true, targetDescent: true },
      },
      { options: { against: "target" }, properties: { permutationEquivariant: true, targetDescent: true } },
    ],
    create: pcgrad,
  },
];
