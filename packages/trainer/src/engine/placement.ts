import {
  GradpoolError,
  type GradientPool,
  type Level,
  levels as everyLevel,
  type TaskSet,
  taskSet,
} from "@gradpool/core";
import type { Model } from "@gradpool/models";
import { type Clip, checkClip } from "./limit.js";
import type { EngineOptions } from "./options.js";
import { classWeightsOf, taskWeightsOf } from "./task-weights.js";

/** Where the pool stands in the model: decided once, when an engine is made. */
export interface Placement {
  readonly tasks: TaskSet;
  readonly level: Level;
  /** Shared parameters that the pool sees at the level `parameters`, tables and variables, by name. */
  readonly balanced: ReadonlySet<string>;
  /** What the losses are multiplied by, task by task. */
  readonly weights: Float64Array;
  /** What a label 1 counts for against a label 0, task by task. */
  readonly positives: Float64Array;
  /** Of the combined gradient. */
  readonly clip: Clip | undefined;
}

/**
 * The placement that the options ask for. `levels`: those that the model has.
 *
 * Errors: `version` for a pool of another protocol; `invalid-option` for a target, level or balance that names nothing, and for
 * a balance outside the level `parameters`; `unsupported` for a level that the model, or the pool, does not have.
 */
export function placementOf(options: EngineOptions, levels: readonly Level[]): Placement {
  requireProtocol(options.pool);
  const level = levelOf(options, levels);
  checkClip(options.clip, `model ${options.model.name}`);
  const weights = taskWeightsOf(options.model, options.taskWeights);
  const positives = classWeightsOf(options.model, options.classWeights);
  const { clip } = options;
  return { tasks: tasksOf(options), level, balanced: balancedOf(options, level), weights, positives, clip };
}

function requireProtocol({ spec, name }: GradientPool): void {
  if (spec === 1) return;
  throw new GradpoolError({
    code: "version",
    what: `protocol version ${String(spec)}`,
    where: `pool ${name}`,
    remedy: "use a version of the pool made for protocol 1",
  });
}

function tasksOf({ model, target }: EngineOptions): TaskSet {
  const names = model.tasks.map((task) => task.name);
  const at = target === undefined ? 0 : names.indexOf(target);
  if (at < 0) throw invalid(model, `target is ${target}`, `give one of its tasks: ${names.join(", ")}`);
  return taskSet(names, at);
}

function levelOf({ model, pool, level = pool.level }: EngineOptions, levels: readonly Level[]): Level {
  if (!everyLevel.includes(level)) throw invalid(model, `level is ${level}`, `give ${everyLevel.join(", ")}`);
  const possible = levels.filter((one) => one !== "losses" || pool.needs === "losses");
  if (possible.includes(level)) return level;
  const remedy = `give level: ${possible.map((one) => `"${one}"`).join(" or ")}`;
  const where = `pool ${pool.name}, ${model.kind} model ${model.name}`;
  const refuse = (what: string): GradpoolError => new GradpoolError({ code: "unsupported", what, where, remedy });
  if (levels.includes(level)) throw refuse(`level ${level} for a pool that needs ${pool.needs}`);
  throw refuse(`level ${level} for a model whose tasks share no ${level}`);
}

interface Shared {
  readonly name: string;
  readonly module: string;
}

/** Tables and variables that no task owns. */
function sharedOf(model: Model): readonly Shared[] {
  const variables = "variables" in model ? model.variables : [];
  const shared = [...model.tables, ...variables].filter(({ owner = null }) => owner === null);
  return shared.map(({ name, module = name }) => ({ name, module }));
}

function balancedOf({ model, balance }: EngineOptions, level: Level): ReadonlySet<string> {
  const shared = sharedOf(model);
  if (balance === undefined) return new Set(shared.map(({ name }) => name));
  if (level !== "parameters") {
    throw invalid(model, `balance at the level ${level}`, 'give level: "parameters", or leave balance out');
  }
  const known = [...new Set(shared.flatMap(({ name, module }) => [name, module]))];
  const remedy = `name shared parameters or modules of: ${known.join(", ")}`;
  if (balance.length === 0) throw invalid(model, "balance names nothing", `${remedy}; or leave it out to balance all`);
  for (const name of balance) if (!known.includes(name)) throw invalid(model, `balance names ${name}`, remedy);
  const chosen = shared.filter(({ name, module }) => balance.includes(name) || balance.includes(module));
  return new Set(chosen.map(({ name }) => name));
}

const invalid = (model: Model, what: string, remedy: string): GradpoolError =>
  new GradpoolError({ code: "invalid-option", what, where: `model ${model.name}`, remedy });
