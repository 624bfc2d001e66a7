import {
  type GradientPool,
  GradpoolError,
  type JsonObject,
  type JsonValue,
  requireOffers,
  startPool,
  stateFromJson,
  stateToJson,
  type TaskSet,
  taskSet,
} from "@gradpool/core";
import type { PooledOptimizerOptions } from "./contract.js";
import type { Crossings } from "./device-gradients.js";

/** Where a pooled optimiser is. A step makes a new one, which is kept when all of the step is finite. */
export interface Progress {
  /** Null until the first step, or a restored state, says how many losses there are. */
  readonly tasks: TaskSet | null;
  /** The pool's. */
  readonly state: unknown;
  readonly step: number;
  readonly epoch: number;
  readonly crossed: Readonly<Crossings>;
  readonly weights: Float64Array | null;
}

export const nothing: Readonly<Crossings> = { toHost: 0, toDevice: 0 };

export function start(pool: GradientPool, options: PooledOptimizerOptions): Progress {
  requireOffers(pool, { batches: 1, validation: false, updates: false }, "the drop-in");
  const blank: Progress = { tasks: null, state: null, step: 0, epoch: 1, crossed: nothing, weights: null };
  return options.tasks === undefined ? blank : { ...blank, ...begin(pool, options, options.tasks) };
}

/** The pool's first state, for so many tasks. */
export function begin(
  pool: GradientPool,
  { target = 0 }: PooledOptimizerOptions,
  named: readonly string[] | number,
): { readonly tasks: TaskSet; readonly state: unknown } {
  const tasks = taskSet(named, target);
  return { tasks, state: startPool(pool, tasks) };
}

/** `places`: variables in the order in which the wrapped optimiser keeps their moments. */
export function toJson(pool: GradientPool, progress: Progress, places: readonly string[]): JsonObject {
  const { step, epoch, tasks, state } = progress;
  return {
    step,
    epoch,
    method: pool.name,
    tasks: tasks && [...tasks.names],
    pool: stateToJson(state),
    places: [...places],
  };
}

/** The inverse, for the same pool and number of tasks. Error `invalid-input`: a state of others, or none. */
export function fromJson(
  pool: GradientPool,
  options: PooledOptimizerOptions,
  json: JsonValue,
): { readonly progress: Progress; readonly places: readonly string[] } {
  const saved = requireSaved(json);
  const { step, epoch, method, pool: held, places } = saved;
  if (method !== pool.name) throw foreign(`it is of ${method}`, `give one of ${pool.name}`);
  const fresh = start(pool, options);
  if (saved.tasks === null) return { progress: { ...fresh, step, epoch }, places };
  const names = options.tasks ?? saved.tasks;
  if (names.length !== saved.tasks.length)
    throw foreign(`it is of ${saved.tasks.length} tasks (${saved.tasks.join(", ")})`, `give one of ${names.length}`);
  const moved = names.find((name, t) => name !== saved.tasks?.[t] && saved.tasks?.includes(name));
  if (moved !== undefined)
    throw foreign(`task ${moved} has another place in it`, `give the losses in its order: ${saved.tasks.join(", ")}`);
  const tasks = taskSet(names, options.target);
  return { progress: { ...fresh, tasks, state: stateFromJson(held), step, epoch }, places };
}

interface Saved {
  readonly step: number;
  readonly epoch: number;
  readonly method: string;
  readonly tasks: readonly string[] | null;
  readonly pool: JsonValue;
  readonly places: readonly string[];
}

function requireSaved(json: JsonValue): Saved {
  const saved = (typeof json === "object" && json !== null && !Array.isArray(json) ? json : {}) as Partial<Saved>;
  const { step, epoch, method, tasks, pool, places } = saved;
  const whole =
    Number.isSafeInteger(step) &&
    Number.isSafeInteger(epoch) &&
    typeof method === "string" &&
    (tasks === null || areNames(tasks)) &&
    pool !== undefined &&
    areNames(places);
  if (!whole) throw foreign("it is no state of a pooled optimiser", "give what state() answered with");
  return saved as Saved;
}

const areNames = (value: unknown): boolean => Array.isArray(value) && value.every((name) => typeof name === "string");

const foreign = (what: string, remedy: string): GradpoolError =>
  new GradpoolError({ code: "invalid-input", what, where: "pooledOptimizer.restore", remedy });
