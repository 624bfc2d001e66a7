import {
  defineLossPool,
  type GradientPool,
  type Losses,
  type Method,
  type OptionSchema,
  readPositiveLoss,
  resolveOptions,
} from "@gradpool/core";

/** GLS has no options. */
export type GlsOptions = Readonly<Record<never, never>>;

const options = {} satisfies OptionSchema;

/**
 * Geometric loss strategy: the total is the geometric mean (Π Lᵢ)^{1/T}, so wᵢ = (Π Lⱼ)^{1/T}/(T Lᵢ): invariant to the scale
 * of any loss, up to a common factor. T counts the tasks present. Losses must be positive.
 *
 * Source: Chennupati et al. 2019, eq. 2.
 */
export function gls(given: GlsOptions = {}): GradientPool<null> {
  resolveOptions<GlsOptions>("gls", options, given);
  return defineLossPool<null>({
    name: "gls",
    options: {},
    init: () => null,
    weigh({ index, size }: Losses, context, state) {
      const logs = index.map((i) => Math.log(readPositiveLoss("gls", context, i)));
      const mean = logs.reduce((a, b) => a + b, 0) / size;
      const weights = logs.map((log) => Math.exp(mean - log) / size);
      return { weights, state, diagnostics: { weights, total: Math.exp(mean) } };
    },
  });
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "gls",
    summary: "Geometric loss strategy: descends on the geometric mean of the losses.",
    paper: {
      title: "MultiNet++: Multi-Stream Feature Aggregation and Geometric Loss Strategy for Multi-Task Learning",
      authors: "Sumanth Chennupati, Ganesh Sistu, Senthil Yogamani, Samir A. Rawashdeh",
      year: 2019,
      venue: "CVPR Workshops",
      url: "https://arxiv.org/abs/1904.08492",
    },
    options,
    levels: ["losses"],
    granularities: [],
    properties: {
      nonConflicting: "a weighted sum may point against any of its terms",
      permutationEquivariant: true,
      scaleLinear: true,
      taskScaleInvariant: "the weights follow the losses, not the gradients",
      targetDescent: "auxiliaries may outweigh the target",
    },
    create: gls,
  },
];
