import type { PoolContext } from "../context.js";
import { GradpoolError } from "../errors.js";
import type { GramSet, GroupMixing, TaskGradients } from "../gradients.js";
import type { JsonObject } from "../json.js";
import type { GradientPool } from "../pool.js";
import type { TaskSet } from "../tasks.js";
import type { Weighing } from "./definition.js";
import { ownCode, requireAnswer } from "./own-code.js";
import { requireSameTasks } from "./same-tasks.js";
import { finiteWeight } from "./scatter.js";

/** The losses of the tasks that are present. */
export interface Losses {
  readonly size: number;
  /** Their places among all T tasks, ascending. */
  readonly index: readonly number[];
  /** size; empty if the pool said that it does not read losses. */
  readonly values: Float64Array;
}

export interface LossDefinition<S = null> {
  readonly name: string;
  readonly options: JsonObject;
  /** False for rules that do not read the losses (equal, random). Default true: absent or non-finite losses are an error. */
  readonly readsLosses?: boolean;
  /** The state to start with; absent: the rule has none. */
  init?(tasks: TaskSet): S;
  /** The weights of the tasks that are present; a state that is absent from the answer is unchanged. */
  weigh(losses: Losses, context: PoolContext, state: S): Weighing<S>;
}

/**
 * Makes a pool whose weights are known before the backward pass: it costs one backward pass of Σ wᵢ Lᵢ. It can be a
 * link of a chain like any other.
 */
export function defineLossPool<S = null>(definition: LossDefinition<S>): GradientPool<S> {
  const { name, options, init } = definition;

  function decide(present: readonly boolean[], context: PoolContext, state: S): { weights: Float64Array; state: S } {
    const index = present.flatMap((here, i) => (here ? [i] : []));
    const values =
      definition.readsLosses === false
        ? new Float64Array(0)
        : Float64Array.from(index, (i) => readLoss(name, context, i));
    const weights = new Float64Array(present.length);
    if (index.length === 0) return { weights, state };
    const losses = { size: index.length, index, values };
    const decision = ownCode(name, context, () =>
      requireAnswer(definition.weigh(losses, context, state), name, "weights"),
    );
    if (decision.weights.length !== index.length) {
      throw new GradpoolError({
        code: "shape",
        what: `${decision.weights.length} weights`,
        where: name,
        remedy: `answer with ${index.length}, one per task that is present`,
      });
    }
    index.forEach((i, a) => (weights[i] = finiteWeight(decision.weights[a] as number, name)));
    if (context.report !== undefined && decision.diagnostics !== undefined) {
      context.report({ pool: name, values: decision.diagnostics });
    }
    return { weights, state: decision.state === undefined ? state : decision.state };
  }

  return {
    spec: 1,
    name,
    options,
    needs: "losses",
    granularity: "model",
    level: "losses",
    init: (tasks) => (init === undefined ? (null as S) : ownCode(name, null, () => init(tasks))),
    mix(grams: GramSet, context: PoolContext, state: S): { mixing: GroupMixing; state: S } {
      const decided = decide(grams.present, context, state);
      return { mixing: { granularity: "model", diagonal: true, matrices: decided.weights }, state: decided.state };
    },
    pool(gradients: TaskGradients, context: PoolContext, state: S) {
      requireSameTasks(name, gradients.tasks, context);
      const decided = decide(gradients.present, context, state);
      return { combined: gradients.combine({ granularity: "model", weights: decided.weights }), state: decided.state };
    },
  };
}

/** The loss of task i, or an error that says which one is missing or not finite. */
export function readLoss(pool: string, context: PoolContext, i: number): number {
  const loss = context.losses?.[i];
  if (loss !== undefined && Number.isFinite(loss)) return loss;
  throw new GradpoolError({
    code: loss === undefined ? "invalid-input" : "non-finite",
    what: loss === undefined ? "no loss given" : `loss is ${loss}`,
    where: `${pool}, step ${context.step}, task ${context.tasks.names[i] ?? i}`,
    remedy:
      loss === undefined
        ? "give context.losses, one per task: this method reads them"
        : "look for an overflow, or lower the learning rate",
  });
}

/** The loss of task i for methods that take its logarithm or divide by it: not positive is an error too. */
export function readPositiveLoss(pool: string, context: PoolContext, i: number): number {
  const loss = readLoss(pool, context, i);
  if (loss > 0) return loss;
  throw new GradpoolError({
    code: "invalid-input",
    what: `loss is ${loss}`,
    where: `${pool}, step ${context.step}, task ${context.tasks.names[i] ?? i}`,
    remedy: "give positive losses: this method compares their logarithms or ratios",
  });
}

/** The loss of task i for methods that weigh ratios of losses, of which zero is one: below zero is an error too. */
export function readRatioLoss(pool: string, context: PoolContext, i: number): number {
  const loss = readLoss(pool, context, i);
  if (loss >= 0) return loss;
  throw new GradpoolError({
    code: "invalid-input",
    what: `loss is ${loss}`,
    where: `${pool}, step ${context.step}, task ${context.tasks.names[i] ?? i}`,
    remedy: "give losses that are not below 0: this method compares their ratios or logarithms",
  });
}

/** The first loss that each task showed, NaN where it has shown none: `held` with those of the tasks in `index`. Must be above 0. */
export function firstLosses(
  pool: string,
  held: Float64Array,
  context: PoolContext,
  index: readonly number[],
): Float64Array {
  const base = held.slice();
  for (const i of index) if (Number.isNaN(base[i])) base[i] = readPositiveLoss(pool, context, i);
  return base;
}
