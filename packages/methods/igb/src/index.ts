import {
  defineLossPool,
  type GradientPool,
  type Method,
  type OptionSchema,
  readRatioLoss,
  resolveOptions,
  taskVector,
} from "@gradpool/core";

export interface IgbOptions {
  /** Default 1: the epoch whose mean losses are what later ones are relative to. Until it is over, w = 1/L. */
  readonly baseEpoch: number;
  /** L⁰ per task, in place of an epoch's means; default null. */
  readonly baseLosses: readonly number[] | null;
}

const options = {
  baseEpoch: {
    type: "number",
    integer: true,
    min: 1,
    default: 1,
    description: "its mean losses are what later ones are relative to",
  },
  baseLosses: {
    type: "vector",
    min: 0,
    exclusiveMin: true,
    default: null,
    description: "in place of an epoch's mean losses",
  },
} satisfies OptionSchema;

/** Sums and counts of the base epoch's losses. */
export interface IgbState {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

/**
 * IGB, version 1: wᵢ = T softmax(Lᵢ/Lᵢ⁰)ᵢ / Lᵢ, the weights of T softmax(…) on log losses; L⁰ the mean losses of epoch `baseEpoch`; until
 * it is over, and for a task that it did not see, wᵢ = 1/Lᵢ. T counts the tasks of the step that have a base. A loss of 0 leaves its task
 * out. Version 2, which chooses weights by a soft actor–critic, is not offered.
 *
 * Diagnostics: weights, `raw` (T softmax).
 *
 * Source: Dai et al. 2023, §4; https://github.com/YanqiDai/IGB4MTL.
 */
export function igb(given: Partial<IgbOptions> = {}): GradientPool<IgbState> {
  const resolved = resolveOptions<IgbOptions>("igb", options, given);
  return defineLossPool<IgbState>({
    name: "igb",
    options: resolved,
    init: ({ names: { length } }) => ({ sums: new Float64Array(length), counts: new Float64Array(length) }),
    weigh({ index }, context, state) {
      const losses = index.map((i) => readRatioLoss("igb", context, i));
      const bases = taskVector("igb", "baseLosses", resolved.baseLosses, context, NaN);
      const over = context.epoch > resolved.baseEpoch;
      const ratios = index.map((i, a) => {
        const mean = over ? (state.sums[i] as number) / (state.counts[i] as number) : NaN;
        return (losses[a] as number) / (resolved.baseLosses === null ? mean : (bases[i] as number));
      });
      const takesPart = ratios.map((ratio, a) => (losses[a] as number) > 0 && Number.isFinite(ratio));
      const top = ratios.reduce((most, ratio, a) => (takesPart[a] === true ? Math.max(most, ratio) : most), -Infinity);
      const shares = ratios.map((ratio, a) => (takesPart[a] === true ? Math.exp(ratio - top) : 0));
      const total = shares.reduce((a, b) => a + b, 0);
      const count = takesPart.filter(Boolean).length;
      const raw = shares.map((share, a) => (takesPart[a] === true ? (count * share) / total : 1));
      const weights = losses.map((loss, a) => (loss > 0 ? (raw[a] as number) / loss : 0));
      const next = context.epoch === resolved.baseEpoch ? counted(state, index, losses) : state;
      return { weights, state: next, diagnostics: { weights, raw } };
    },
  });
}

function counted(state: IgbState, index: readonly number[], losses: readonly number[]): IgbState {
  const sums = state.sums.slice();
  const counts = state.counts.slice();
  index.forEach((i, a) => {
    sums[i] = (sums[i] as number) + (losses[a] as number);
    counts[i] = (counts[i] as number) + 1;
  });
  return { sums, counts };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "igb",
    summary: "Improvable gap balancing: log losses, weighed by how much of the first epoch's loss is left.",
    paper: {
      title: "Improvable Gap Balancing for Multi-Task Learning",
      authors: "Yanqi Dai, Nanyi Fei, Zhiwu Lu",
      year: 2023,
      venue: "UAI",
      url: "https://arxiv.org/abs/2307.15429",
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
    create: igb,
  },
];
