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
 * Equal weighting: combined = Σ gᵢ. Needs no per-task gradients: one backward pass of Σ Lᵢ.
 *
 * Source: joint training on the summed errors of all tasks, Caruana 1997; "Vanilla" of Lee 2023, eq. 1–3.
 */
export function ew(given: Partial<EwOptions> = {}): GradientPool<null> {
  const resolved = resolveOptions<EwOptions>("ew", options, given);
  return defineLossPool<null>({
    name: "ew",
    options: resolved,
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
      title: "Multitask Learning",
      authors: "Rich Caruana",
      year: 1997,
      venue: "Machine Learning",
      url: "https://doi.org/10.1023/A:1007379606734",
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
