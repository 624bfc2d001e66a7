import {
  type GramSet,
  learn,
  type Learned,
  type LearnedOptions,
  type PoolContext,
  putPart,
  readPositiveLoss,
  readRatioLoss,
  startLearned,
  takePart,
  type TaskSet,
  taskVector,
} from "@gradpool/core";

export interface GradNormOptions extends LearnedOptions {
  /** α ≥ 0, default 1.5: how strongly slow tasks are pulled up; 0: equal norms. */
  readonly alpha: number;
  /** `softmax` (default) or `renormalise` (the paper's). */
  readonly parametrisation: "softmax" | "renormalise";
  /** Which norms: of the last shared tensor (default), or of all shared parameters. */
  readonly on: "last" | "model";
  /** L⁰ per task, default null: the first loss that a task shows. */
  readonly initialLosses: readonly number[] | null;
  /** `epoch`: equal weights in the first epoch; its mean losses become L⁰. */
  readonly warmup: "none" | "epoch";
}

/** Logits (or the weights, where they are learned themselves), L⁰ (NaN: none yet), and the sums of the warm-up's losses. */
export interface GradNormState {
  readonly learned: Learned | null;
  readonly base: Float64Array;
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

export const begin = ({ names: { length } }: TaskSet): GradNormState => ({
  learned: null,
  base: new Float64Array(length).fill(NaN),
  sums: new Float64Array(length),
  counts: new Float64Array(length),
});

interface Decided {
  readonly weights: Float64Array;
  readonly state: GradNormState;
}

/** The weights of one step, T of them, and the state after it. */
export function weigh(grams: GramSet, context: PoolContext, state: GradNormState, options: GradNormOptions): Decided {
  const { tasks, present, size, norms: all } = grams;
  const index: number[] = [];
  for (let i = 0; i < tasks; i++) {
    let most = 0;
    for (let g = 0; g < size; g++) most = Math.max(most, all[g * tasks + i] as number);
    if (present[i] === true && most > 0) index.push(i);
  }
  const weights = new Float64Array(tasks);
  if (index.length === 0) return { weights, state };
  if (options.warmup === "epoch" && context.epoch <= 1)
    return { weights: equal(weights, index), state: count(state, context, index) };
  const norms = index.map((i) => normOf(grams, i, options.on));
  const base = baseLosses(state, context, index, options);
  const soft = options.parametrisation === "softmax";
  const learned = state.learned ?? startLearned(tasks, soft ? 0 : 1);
  const share = takePart(learned.values, index, index.length);
  const own = soft ? softmax(learned, index) : share.values;
  const { slopes, pulls, rates } = slopesOf(
    own,
    norms,
    index.map((i) => readRatioLoss("gradnorm", context, i) / (base[i] as number)),
    options.alpha,
  );
  const mean = own.reduce((sum, w, a) => sum + w * (slopes[a] as number), 0) / index.length;
  const next = soft
    ? learn(
        learned,
        index,
        own.map((w, a) => w * beyondRounding(slopes[a] as number, mean)),
        options,
      )
    : renormalised(
        learn({ ...learned, values: putPart(learned.values, index, own, one) }, index, slopes, options),
        index,
        learned.values,
        share.mass,
      );
  index.forEach((i, a) => (weights[i] = own[a] as number));
  context.report?.({ pool: "gradnorm", values: { weights: Array.from(weights), norms: pulls, rates } });
  return { weights, state: { ...state, base, learned: next } };
}

const one = { mass: 1, total: 1 };

/** u − mean, 0 where it is rounding: Adam's first step is as long for the smallest slope as for any. */
const beyondRounding = (u: number, mean: number): number =>
  Math.abs(u - mean) <= 1e-14 * (Math.abs(u) + Math.abs(mean)) ? 0 : u - mean;

function equal(weights: Float64Array, index: readonly number[]): Float64Array {
  for (const i of index) weights[i] = 1;
  return weights;
}

function count(state: GradNormState, context: PoolContext, index: readonly number[]): GradNormState {
  const sums = state.sums.slice();
  const counts = state.counts.slice();
  for (const i of index) {
    sums[i] = (sums[i] as number) + readRatioLoss("gradnorm", context, i);
    counts[i] = (counts[i] as number) + 1;
  }
  return { ...state, sums, counts };
}

/** The norm of the last tensor that tasks share, or of all of them. */
function normOf({ norms, size, tasks }: GramSet, i: number, on: "last" | "model"): number {
  if (on === "last") return norms[(size - 1) * tasks + i] as number;
  let norm = 0;
  for (let g = 0; g < size; g++) norm = Math.hypot(norm, norms[g * tasks + i] as number);
  return norm;
}

function baseLosses(
  state: GradNormState,
  context: PoolContext,
  index: readonly number[],
  options: GradNormOptions,
): Float64Array {
  if (options.initialLosses !== null) {
    return Float64Array.from(taskVector("gradnorm", "initialLosses", options.initialLosses, context, NaN));
  }
  const base = state.base.slice();
  for (const i of index) {
    if (!Number.isNaN(base[i])) continue;
    const mean = (state.sums[i] as number) / (state.counts[i] as number);
    base[i] = mean > 0 ? mean : readPositiveLoss("gradnorm", context, i);
  }
  return base;
}

function softmax({ values }: Learned, index: readonly number[]): Float64Array {
  const top = index.reduce((most, i) => Math.max(most, values[i] as number), -Infinity);
  const shares = Float64Array.from(index, (i) => Math.exp((values[i] as number) - top));
  const total = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => (index.length * share) / total);
}

/** uᵢ = sign(Gᵢ − Ḡ rᵢ^α) nᵢ, with norms relative to the largest, so that sums of 1e300 stay finite. */
function slopesOf(weights: Float64Array, norms: readonly number[], ratios: readonly number[], alpha: number) {
  const top = Math.max(...norms);
  const unit = norms.map((norm) => (top > 0 ? norm / top : 0));
  const pulls = unit.map((norm, a) => norm * (weights[a] as number));
  const mean = pulls.reduce((a, b) => a + b, 0) / pulls.length;
  const pace = ratios.reduce((a, b) => a + b, 0) / ratios.length;
  const rates = ratios.map((ratio) => (pace > 0 ? ratio / pace : 1));
  const slopes = pulls.map((pull, a) => {
    const off = pull - mean * (rates[a] as number) ** alpha;
    return Math.abs(off) <= 1e-14 * mean ? 0 : Math.sign(off) * (norms[a] as number);
  });
  return { slopes, pulls: pulls.map((pull) => pull * top), rates };
}

/** w ← max(w, 0), then to the sum that the tasks of the step held before; all at 0: equal parts. */
function renormalised(next: Learned, index: readonly number[], held: Float64Array, mass: number): Learned {
  const kept = index.map((i) => Math.max(0, next.values[i] as number));
  const sum = kept.reduce((a, b) => a + b, 0);
  const everybody = index.length === held.length;
  const total = everybody ? index.length : mass;
  const values = held.slice();
  index.forEach((i, a) => (values[i] = sum > 0 ? ((kept[a] as number) * total) / sum : total / index.length));
  return { ...next, values };
}
