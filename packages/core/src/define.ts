import { GradpoolError } from "./errors.js";
import { requireFinite } from "./finite.js";
import type { Gram, GramSet } from "./gram.js";
import { editGroups, type PerGroup } from "./groups.js";
import type { JsonObject } from "./json.js";
import type { GradientPool, Granularity, GroupMixing, Level, PoolContext, TaskGradients } from "./pool.js";
import type { TaskSet } from "./tasks.js";
import { groupView } from "./view.js";

/** What a weighting sees beside its Gram. Like the Gram it is valid during the call: copy what you keep. */
export interface GroupContext extends PoolContext {
  /** The parameter that the group belongs to; null for the whole model. */
  readonly parameter: string | null;
  /** The row id, at row granularity in a table. */
  readonly row?: number;
}

export interface Decision<S> {
  /**
   * The new state of the group; absent: unchanged. A state that is a Float64Array arrives as a copy: write into it and
   * return it. States of any other type must not be changed, but replaced.
   */
  readonly state?: S;
  /** Shown to whoever listens; computed only if `context.report` is there. */
  readonly diagnostics?: JsonObject;
}

/** w: combined = Σ wᵢ gᵢ over the tasks of the Gram. */
export interface Weighing<S> extends Decision<S> {
  readonly weights: ArrayLike<number>;
}

/** C, size × size row-major: task i's row becomes Σⱼ C[i,j] gⱼ; the rows are then added. A mean is a factor of C. */
export interface Mixing<S> extends Decision<S> {
  readonly mixing: ArrayLike<number>;
}

interface Definition<S> {
  readonly name: string;
  readonly options: JsonObject;
  /** Default `gram`. `norms` is cheaper and enough for methods that look at magnitudes only. */
  readonly needs?: "norms" | "gram";
  /** Default `model`. */
  readonly granularity?: Granularity;
  /** Default `parameters`. */
  readonly level?: Level;
  /**
   * `drop` (default): a zero gradient is left out of the group's problem: weight 0, and it influences nobody.
   * `keep`: the method has its own rule for zero gradients.
   */
  readonly zeros?: "drop" | "keep";
  /**
   * The state that a group starts with; absent: the method has none. Indexed by task, all T of them. A Float64Array is
   * by far the cheapest at row granularity: rows are then packed into one table.
   */
  init?(tasks: TaskSet): S;
}

export interface WeighDefinition<S> extends Definition<S> {
  weigh(gram: Gram, context: GroupContext, state: S): Weighing<S>;
}

export interface MixDefinition<S> extends Definition<S> {
  mix(gram: Gram, context: GroupContext, state: S): Mixing<S>;
}

/**
 * Makes a pool of a rule for one group: `weigh` (Gram → weights) or `mix` (Gram → mixing matrix). Zero and absent tasks,
 * granularities, per-group state, shapes and non-finite input are dealt with here, once for all methods.
 */
export function definePool<S = null>(
  definition: WeighDefinition<S> | MixDefinition<S>,
): GradientPool<PerGroup<S> | null> {
  const { name, options, init: initGroup } = definition;
  const needs = definition.needs ?? "gram";
  const granularity = definition.granularity ?? "model";
  // Not `bind`: rows come by the ten thousand, and calls of a bound function are never inlined.
  const decide: WeighDefinition<S>["weigh"] | MixDefinition<S>["mix"] =
    "weigh" in definition
      ? (gram, groupContext, state: S) => definition.weigh(gram, groupContext, state)
      : (gram, groupContext, state: S) => definition.mix(gram, groupContext, state);
  const diagonal = "weigh" in definition;

  function mix(
    grams: GramSet,
    context: PoolContext,
    state: PerGroup<S> | null,
  ): { mixing: GroupMixing; state: PerGroup<S> | null } {
    if (grams.granularity !== granularity) {
      throw new GradpoolError({
        code: "invalid-input",
        what: `Grams per ${grams.granularity}`,
        where: name,
        remedy: `give Grams per ${granularity}, the pool's granularity`,
      });
    }
    requireFinite(name, grams, context);
    return mixFinite(grams, context, state);
  }

  function mixFinite(
    grams: GramSet,
    context: PoolContext,
    state: PerGroup<S> | null,
  ): { mixing: GroupMixing; state: PerGroup<S> | null } {
    const { tasks } = grams;
    const stride = diagonal ? tasks : tasks * tasks;
    const matrices = new Float64Array(grams.size * stride);
    const states = state === null || initGroup === undefined ? undefined : editGroups(state, context, initGroup);
    const view = groupView(grams, context.tasks.target, definition.zeros ?? "drop");
    let group = 0;
    for (const { parameter, ids, count } of grams.blocks) {
      const place: { -readonly [K in keyof GroupContext]: GroupContext[K] } = { ...context, parameter };
      for (let k = 0; k < count; k++, group++) {
        const row = ids?.[k];
        if (row !== undefined) place.row = row;
        const gram = view(group, row !== undefined);
        if (gram.size === 0) continue;
        const decision = decide(gram, place, states === undefined ? (null as S) : states.get(parameter, row));
        if ("weights" in decision) scatterVector(decision.weights, gram, matrices, group * stride, name);
        else scatterMatrix(decision.mixing, gram, matrices, group * stride, tasks, name);
        if (decision.state !== undefined) states?.set(parameter, row, decision.state);
        if (context.report !== undefined && decision.diagnostics !== undefined) {
          context.report({
            pool: name,
            ...(parameter === null ? {} : { parameter }),
            ...(row === undefined ? {} : { row }),
            values: decision.diagnostics,
          });
        }
      }
    }
    return { mixing: { granularity, diagonal, matrices }, state: states === undefined ? state : states.done() };
  }

  return {
    spec: 1,
    name,
    options,
    needs,
    granularity,
    level: definition.level ?? "parameters",
    init: () => (initGroup === undefined ? null : { groups: {}, rows: {} }),
    mix,
    pool(gradients: TaskGradients, context: PoolContext, state: PerGroup<S> | null) {
      const grams = gradients.gram(granularity, needs);
      requireFinite(name, grams, context, () => gradients.gram("parameter", "norms"));
      const decided = mixFinite(grams, context, state);
      return {
        combined: gradients.combine({ granularity, weights: columnSums(decided.mixing, gradients.tasks) }),
        state: decided.state,
      };
    },
  };
}

/** The weights that a transform and a sum amount to: w_j = Σᵢ C[i,j] per group. */
export function columnSums(mixing: GroupMixing, tasks: number): Float64Array {
  if (mixing.diagonal) return mixing.matrices;
  const { matrices } = mixing;
  const weights = new Float64Array(matrices.length / tasks);
  for (let at = 0, from = 0; at < weights.length; at += tasks) {
    for (let i = 0; i < tasks; i++) {
      for (let j = 0; j < tasks; j++, from++) {
        weights[at + j] = (weights[at + j] as number) + (matrices[from] as number);
      }
    }
  }
  return weights;
}

function wrongSize(pool: string, what: string, remedy: string): GradpoolError {
  return new GradpoolError({ code: "shape", what, where: pool, remedy });
}

function scatterVector(weights: ArrayLike<number>, gram: Gram, out: Float64Array, at: number, pool: string): void {
  const { size, index } = gram;
  if (weights.length !== size)
    throw wrongSize(pool, `${weights.length} weights`, `answer with ${size}, one per task of the Gram`);
  for (let a = 0; a < size; a++) out[at + (index[a] as number)] = finiteWeight(weights[a] as number, pool);
}

function scatterMatrix(
  mixing: ArrayLike<number>,
  gram: Gram,
  out: Float64Array,
  at: number,
  tasks: number,
  pool: string,
): void {
  const { size, index } = gram;
  if (mixing.length !== size * size)
    throw wrongSize(pool, `${mixing.length} mixing entries`, `answer with ${size * size}: size × size`);
  for (let a = 0; a < size; a++) {
    const row = at + (index[a] as number) * tasks;
    for (let b = 0; b < size; b++) out[row + (index[b] as number)] = finiteWeight(mixing[a * size + b] as number, pool);
  }
}

/** A weight, or an error that blames the method: its input was finite. */
export function finiteWeight(value: number, pool: string): number {
  if (Number.isFinite(value)) return value;
  throw new GradpoolError({
    code: "non-finite",
    what: `a weight is ${value}`,
    where: pool,
    remedy: "this is a defect of the method: report it with the gradients that caused it",
  });
}
