import {
  defineLossPool,
  type GradientPool,
  type Losses,
  type Method,
  type OptionSchema,
  readPositiveLoss,
  resolveOptions,
} from "@gradpool/core";

export interface DwaOptions {
  /** Temperature > 0 of the softmax, default 2: the larger, the more even. */
  readonly temperature: number;
  /** `epoch` (default): ratios of epochs' mean losses. `step`: of the losses of the last two steps. */
  readonly every: "epoch" | "step";
}

const options = {
  temperature: { type: "number", min: 0, exclusiveMin: true, default: 2, description: "temperature of the softmax" },
  every: { type: "enum", values: ["epoch", "step"], default: "epoch", description: "whose losses are compared" },
} satisfies OptionSchema;

/** Sums and counts of this epoch's losses, and the means of the two epochs before (NaN: none); with `every: "step"` a step is an epoch. */
export interface DwaState {
  readonly epoch: number;
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  readonly last: Float64Array;
  readonly before: Float64Array;
}

/**
 * Dynamic weight averaging: rᵢ = L̄ᵢ(e−1)/L̄ᵢ(e−2) from the mean losses of the two epochs before, w = T softmax(r/temperature):
 * tasks whose loss falls slowly gain weight. In the first two epochs, and for a task without two means, r is 1: all weights
 * are 1 while no task has two. An epoch is over when `context.epoch` changes; with `every: "step"` each step counts as one, as in the
 * code of GradCraft's authors. T counts the tasks present in the step.
 *
 * Source: Liu, Johns & Davison 2019, eq. 7.
 */
export function dwa(given: Partial<DwaOptions> = {}): GradientPool<DwaState> {
  const resolved = resolveOptions<DwaOptions>("dwa", options, given);
  return defineLossPool<DwaState>({
    name: "dwa",
    options: resolved,
    init: ({ names: { length } }) => ({
      epoch: 0,
      sums: new Float64Array(length),
      counts: new Float64Array(length),
      last: new Float64Array(length).fill(NaN),
      before: new Float64Array(length).fill(NaN),
    }),
    weigh({ index, size }: Losses, context, state) {
      const now = turn(state, resolved.every === "step" ? context.step : context.epoch);
      const sums = now.sums.slice();
      const counts = now.counts.slice();
      for (const i of index) {
        sums[i] = (sums[i] as number) + readPositiveLoss("dwa", context, i);
        counts[i] = (counts[i] as number) + 1;
      }
      const ratios = index.map((i) => {
        const ratio = (now.last[i] as number) / (now.before[i] as number);
        return Number.isNaN(ratio) ? 1 : ratio;
      });
      const top = Math.max(...ratios);
      const shares = ratios.map((ratio) => Math.exp((ratio - top) / resolved.temperature));
      const total = shares.reduce((a, b) => a + b, 0);
      const weights = shares.map((share) => (size * share) / total);
      return { weights, state: { ...now, sums, counts }, diagnostics: { weights, ratios } };
    },
  });
}

/** The state at the start of a step: means move on when the epoch (or the step that stands for one) is new; a task without samples keeps its last one. */
function turn(state: DwaState, epoch: number): DwaState {
  if (epoch === state.epoch) return state;
  const mean = (i: number): number => (state.sums[i] as number) / (state.counts[i] as number);
  const seen = (i: number): boolean => (state.counts[i] as number) > 0;
  return {
    epoch,
    sums: new Float64Array(state.sums.length),
    counts: new Float64Array(state.counts.length),
    last: state.last.map((value, i) => (seen(i) ? mean(i) : value)),
    before: state.before.map((value, i) => (seen(i) ? (state.last[i] as number) : value)),
  };
}

export const methods: readonly Method[] = [
  {
    spec: 1,
    name: "dwa",
    summary: "Dynamic weight averaging: tasks whose loss falls slowly from epoch to epoch gain weight.",
    paper: {
      title: "End-to-End Multi-Task Learning with Attention",
      authors: "Shikun Liu, Edward Johns, Andrew J. Davison",
      year: 2019,
      venue: "CVPR",
      url: "https://arxiv.org/abs/1803.10704",
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
    variants: [{ options: { every: "step" }, properties: { scaleLinear: true } }],
    create: dwa,
  },
];
