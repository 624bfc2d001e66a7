import {
  defineLossPool,
  type GradientPool,
  type Method,
  type OptionSchema,
  reductionOption,
  resolveOptions,
} from "@gradpool/core";

export interface EwOptions {
  /** `sum` (default): wᵢ = 1. `mean`: wᵢ = 1/T over the tasks present. */
  readonly reduction: "sum" | "mean";
}

const options = { reduction: reductionOption("sum") } satisfies OptionSchema;

/**
 * Equal weighting: combined = Σ gᵢ, the thesis' "Vanilla" (eq. 1–3). Needs no per-task gradients: one backward pass of
 * Σ Lᵢ.
 */
export function ew(given: Partial<EwOptions> = {}): GradientPool<null> {
  const resolved = resolveOptions<EwOptions>("ew", options, given);
  return defineLossPool<null>({
    name: "ew",
    options: { ...resolved },
    readsLosses: false,
    init: () => null,
    weigh({ index }, _context, state) {
      const weight = resolved.reduction === "sum" ? 1 : 1 / index.length;
      return { weights: index.map(() => weight), state };
    },
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "ew",
    summary: "Equal weighting: the plain sum of the task gradients.",
    paper: {
      title: "Exploring Optimizations in Multi-task Recommendation via Manipulating Auxiliary Gradients",
      authors: "Ronald Lee",
      year: 2023,
      venue: "Undergraduate Research Scholars thesis, Texas A&M University",
    },
    options,
    levels: ["losses"],
    granularities: [],
    properties: {
      nonConflicting: "a sum may point against any of its terms",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the largest gradient has the largest say",
      targetDescent: "auxiliaries may outweigh the target",
    },
    create: ew,
  },
];
