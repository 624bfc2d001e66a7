import { GradpoolError } from "./errors.js";
import type { Gram, GramSet } from "./gram.js";
import type { JsonObject } from "./json.js";
import type { GradientPool, Granularity, GroupMixing, Level, PoolContext, TaskGradients } from "./pool.js";
import type { TaskSet } from "./tasks.js";

/** What a weighting sees beside its Gram. */
export interface GroupContext extends PoolContext {
  /** The parameter that the group belongs to; null for the whole model. */
  readonly parameter: string | null;
  /** The row id, at row granularity in a table. */
  readonly row?: number;
}

/** State per group: tensors and the model by name ("" for the model), table rows by table and row id. Plain data. */
export interface PerGroup<S> {
  readonly groups: Readonly<Record<string, S>>;
  readonly rows: Readonly<Record<string, Readonly<Record<number, S>>>>;
}

export interface Decision<S> {
  /** The new state of the group; absent: unchanged. Never change the state that came in. */
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
  /** The state that a group starts with; absent: the method has none. Indexed by task, all T of them. */
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
  const { name, options } = definition;
  const needs = definition.needs ?? "gram";
  const granularity = definition.granularity ?? "model";

  function init(tasks: TaskSet): PerGroup<S> | null {
    return definition.init === undefined || tasks.names.length === 0 ? null : { groups: {}, rows: {} };
  }

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
    const { tasks } = grams;
    const diagonal = "weigh" in definition;
    const stride = diagonal ? tasks : tasks * tasks;
    const matrices = new Float64Array(grams.size * stride);
    const next = state === null ? null : edit(state, context.donate === true);
    const view = groupView(grams, context.tasks.target, definition.zeros ?? "drop");
    let group = 0;
    for (const block of grams.blocks) {
      for (let k = 0; k < block.count; k++, group++) {
        const gram = view(group, name, block.parameter, context);
        const row = block.ids?.[k];
        const place: GroupContext =
          row === undefined
            ? { ...context, parameter: block.parameter }
            : { ...context, parameter: block.parameter, row };
        const held =
          next === null
            ? (null as S)
            : (next.get(block.parameter, row) ?? (definition.init as (tasks: TaskSet) => S)(context.tasks));
        if (gram.size === 0) {
          if (next !== null && definition.zeros !== "keep") next.set(block.parameter, row, held);
          continue;
        }
        const decision = diagonal ? definition.weigh(gram, place, held) : definition.mix(gram, place, held);
        if ("weights" in decision) scatterVector(decision.weights, gram, matrices, group * stride, name);
        else scatterMatrix(decision.mixing, gram, matrices, group * stride, tasks, name);
        next?.set(block.parameter, row, decision.state ?? held);
        if (context.report !== undefined && decision.diagnostics !== undefined) {
          context.report({
            pool: name,
            ...(block.parameter === null ? {} : { parameter: block.parameter }),
            ...(row === undefined ? {} : { row }),
            values: decision.diagnostics,
          });
        }
      }
    }
    return { mixing: { granularity, diagonal, matrices }, state: next === null ? null : next.done() };
  }

  return {
    spec: 1,
    name,
    options,
    needs,
    granularity,
    level: definition.level ?? "parameters",
    init,
    mix,
    pool(gradients: TaskGradients, context: PoolContext, state: PerGroup<S> | null) {
      const decided = mix(gradients.gram(granularity, needs), context, state);
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
  const weights = new Float64Array(mixing.matrices.length / tasks);
  for (let k = 0; k < mixing.matrices.length; k++) {
    const at = Math.floor(k / (tasks * tasks)) * tasks + (k % tasks);
    weights[at] = (weights[at] as number) + (mixing.matrices[k] as number);
  }
  return weights;
}

/** A reader of groups as problems of the tasks that take part; its arrays are new for every group. */
function groupView(set: GramSet, target: number, zeros: "drop" | "keep") {
  const { tasks, present, norms, cosines } = set;
  const count = present.filter(Boolean).length;
  const all = present.flatMap((here, i) => (here ? [i] : []));
  return (group: number, pool: string, parameter: string | null, context: PoolContext): Gram => {
    const base = group * tasks;
    for (const i of all) {
      if (!Number.isFinite(norms[base + i] as number)) {
        throw new GradpoolError({
          code: "non-finite",
          what: `gradient norm is ${norms[base + i]}`,
          where: `${pool}, step ${context.step}, task ${context.tasks.names[i] ?? i}${parameter === null ? "" : `, parameter ${parameter}`}`,
          remedy: "look for an overflow or a division by zero in that task's loss, or lower the learning rate",
        });
      }
    }
    const index = zeros === "keep" ? all : all.filter((i) => (norms[base + i] as number) > 0);
    const size = index.length;
    const n = new Float64Array(size);
    const c = new Float64Array(cosines.length === 0 ? 0 : size * size);
    for (let a = 0; a < size; a++) {
      const i = index[a] as number;
      n[a] = norms[base + i] as number;
      if (c.length > 0)
        for (let b = 0; b < size; b++) c[a * size + b] = cosines[(base + i) * tasks + (index[b] as number)] as number;
    }
    return { size, index, target: index.indexOf(target), count, norms: n, cosines: c };
  };
}

function wrongSize(pool: string, what: string, remedy: string): GradpoolError {
  return new GradpoolError({ code: "shape", what, where: pool, remedy });
}

function scatterVector(weights: ArrayLike<number>, gram: Gram, out: Float64Array, at: number, pool: string): void {
  if (weights.length !== gram.size)
    throw wrongSize(pool, `${weights.length} weights`, `answer with ${gram.size}, one per task of the Gram`);
  for (let a = 0; a < gram.size; a++) out[at + (gram.index[a] as number)] = finite(weights[a] as number, pool);
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
    for (let b = 0; b < size; b++) {
      out[at + (index[a] as number) * tasks + (index[b] as number)] = finite(mixing[a * size + b] as number, pool);
    }
  }
}

function finite(value: number, pool: string): number {
  if (Number.isFinite(value)) return value;
  throw new GradpoolError({
    code: "non-finite",
    what: `a weight is ${value}`,
    where: pool,
    remedy: "this is a defect of the method: report it with the gradients that caused it",
  });
}

/** A copy of per-group state to write to; with `donated` the per-row records themselves are written. */
function edit<S>(state: PerGroup<S>, donated: boolean) {
  const groups: Record<string, S> = { ...state.groups };
  const rows: Record<string, Record<number, S>> = { ...state.rows };
  const own = new Set<string>();
  return {
    get: (parameter: string | null, row: number | undefined): S | undefined =>
      row === undefined ? groups[parameter ?? ""] : rows[parameter ?? ""]?.[row],
    set(parameter: string | null, row: number | undefined, value: S): void {
      const key = parameter ?? "";
      if (row === undefined) {
        groups[key] = value;
        return;
      }
      if (!own.has(key)) {
        own.add(key);
        rows[key] = donated ? (rows[key] ?? {}) : { ...rows[key] };
      }
      (rows[key] as Record<number, S>)[row] = value;
    },
    done: (): PerGroup<S> => ({ groups, rows }),
  };
}
