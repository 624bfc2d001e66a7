import {
  definePool,
  type GradientPool,
  type Granularity,
  granularities,
  granularityOption,
  type Method,
  type OptionSchema,
  type PerGroup,
  resolveOptions,
} from "@gradpool/core";

export interface GcsOptions {
  /** `unweighted` (default): an auxiliary is in or out; `weighted`: as much as its cosine. */
  readonly mode: "unweighted" | "weighted";
  readonly granularity: Granularity;
}

const options = {
  mode: {
    type: "enum",
    values: ["unweighted", "weighted"],
    default: "unweighted",
    description: "whether an auxiliary that agrees counts fully, or as much as its cosine",
  },
  granularity: granularityOption("model"),
} satisfies OptionSchema;

/**
 * Gradient cosine similarity: w_target = 1; an auxiliary has weight 1 if cos(gᵢ, g_target) > 0, else 0; or, weighted, max(0, cos). Never
 * climbs the target: ⟨d, g_target⟩ ≥ ‖g_target‖². Without a target's gradient there is nothing to agree with: zero. No state.
 *
 * Diagnostics: weights, `cosines` with the target. Source: Du et al. 2018, §3, eq. 3 and algorithm 1.
 */
export function gcs(given: Partial<GcsOptions> = {}): GradientPool<PerGroup<null> | null> {
  const resolved = resolveOptions<GcsOptions>("gcs", options, given);
  return definePool<null>({
    name: "gcs",
    options: resolved,
    granularity: resolved.granularity,
    weigh({ size, target, cosines }) {
      if (target < 0) return { weights: new Float64Array(size) };
      const along = Array.from({ length: size }, (_, i) => cosines[i * size + target] as number);
      const weights = along.map((cosine, i) =>
        i === target ? 1 : resolved.mode === "weighted" ? Math.max(0, cosine) : Number(cosine > 0),
      );
      return { weights, diagnostics: { weights, cosines: along } };
    },
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "gcs",
    summary: "Gradient cosine similarity: auxiliaries take part while they agree with the target.",
    paper: {
      title: "Adapting Auxiliary Losses Using Gradient Similarity",
      authors:
        "Yunshu Du, Wojciech M. Czarnecki, Siddhant M. Jayakumar, Mehrdad Farajtabar, Razvan Pascanu, Balaji Lakshminarayanan",
      year: 2018,
      venue: "arXiv",
      url: "https://arxiv.org/abs/1812.02224",
    },
    options,
    levels: ["parameters", "representation"],
    granularities,
    properties: {
      nonConflicting:
        "auxiliaries that agree with the target may conflict with each other, and those left out with all",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "weights are 0 or 1: the largest gradient among them has the largest say",
      targetDescent: true,
    },
    variants: [{ options: { mode: "weighted" }, properties: { scaleLinear: true, targetDescent: true } }],
    create: gcs,
  },
];
