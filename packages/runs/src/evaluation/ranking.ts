import { createRandom, given } from "@gradpool/core";
import type { Behavior, Interactions, PreparedSet } from "@gradpool/data";
import { metricParts, parseMetric, type UndefinedMetric } from "@gradpool/metrics";
import type { Model } from "@gradpool/models";
import {
  type Engine,
  type Evaluate,
  type Metrics,
  rankingEvaluator,
  type RankingPart,
  ratingUnit,
  usersWithAny,
} from "@gradpool/trainer";
import { optionError } from "../options/errors.js";
import { monitorOf } from "../options/monitor.js";
import type { TrainConfig } from "../options/training.js";
import { uniteLists } from "./lists.js";

/**
 * Quality of rankings: all items that a user has not met, against those held out. The first task's metrics by their own names. Where
 * other tasks have held-out pairs, too, those of each task beside them, the first one's included: `ndcg@10/cart`.
 */
export function ranking(set: PreparedSet, config: TrainConfig, model: Model, engine: Engine): Evaluate {
  const task = config.tasks[0] as string;
  const target = set.behaviors[task];
  if (target === undefined || !isHeldOut(target)) throw nothingHeldOut(set, task, target);
  for (const name of monitorOf(config).names) requirePredicted(metricParts(name)[0], model);
  const others = othersOf(set, config);
  const first = rankingOf(set, config, model, engine, task);
  if (others.length === 0) return first;
  const rest = others.map((other) => [other, rankingOf(set, config, model, engine, other)] as const);
  const evaluate = async (...[part, tell, look, signal]: Parameters<Evaluate>): Promise<Metrics> => {
    const note = (missing: UndefinedMetric): void => {
      tell?.(missing);
      tell?.({ ...missing, task });
    };
    const own = await first(part, note, look, signal);
    const values = { ...own, ...named(own, task) };
    for (const [other, one] of rest) {
      const judged = await one(part, (missing) => tell?.({ ...missing, task: other }), undefined, signal);
      Object.assign(values, named(judged, other));
    }
    return values;
  };
  const metrics = first.metrics ?? [];
  const each = metrics.filter(isOfTask);
  const names = [...metrics, ...[task, ...others].flatMap((one) => each.map((metric) => `${metric}/${one}`))];
  return Object.assign(evaluate, { metrics: names });
}

const named = (metrics: Metrics, task: string): Metrics =>
  Object.fromEntries(
    Object.entries(metrics).flatMap(([metric, value]) => (isOfTask(metric) ? [[`${metric}/${task}`, value]] : [])),
  );

/** Errors of ratings are the target's alone: it is its values that are predicted. */
const isOfTask = (metric: string): boolean => parseMetric(metric).family !== "rating";

const isHeldOut = ({ valid, test }: Behavior): boolean => valid.items.length > 0 && test.items.length > 0;

/** The tasks beside the first whose rankings are measured: those asked for, else all that have held-out pairs. */
function othersOf(set: PreparedSet, { tasks, evalTasks }: TrainConfig): readonly string[] {
  const [first, ...rest] = tasks;
  const held = rest.filter((task) => task in set.behaviors && isHeldOut(set.behaviors[task] as Behavior));
  if (evalTasks === null) return held;
  const strange = evalTasks.find((task) => task !== first && !held.includes(task));
  if (strange === undefined) return held.filter((task) => evalTasks.includes(task));
  const remedy = held.length === 0 ? "prepare the set with `splitAll`" : `those that have are ${held.join(", ")}`;
  throw optionError(`${strange} is no task with held-out pairs`, "evalTasks", remedy);
}

/** One task's rankings. */
function rankingOf(set: PreparedSet, config: TrainConfig, model: Model, engine: Engine, task: string): Evaluate {
  const target = set.behaviors[task] as Behavior;
  return rankingEvaluator({
    engine,
    model,
    task,
    metrics: task === config.tasks[0] ? config.metrics : config.metrics.filter(isOfTask),
    ...partsOf(set, config, target),
  });
}

/** The first task's held-out parts, with the users to judge by. */
export function rankedParts(set: PreparedSet, config: TrainConfig): Readonly<Record<"valid" | "test", RankingPart>> {
  const task = config.tasks[0] as string;
  const target = set.behaviors[task];
  if (target === undefined || !isHeldOut(target)) throw nothingHeldOut(set, task, target);
  return partsOf(set, config, target);
}

const partsOf = ({ items }: PreparedSet, { evalUsers, testUsers, seed }: TrainConfig, behavior: Behavior) => ({
  valid: { ...heldOut(behavior, "valid", items), userIds: sampleUsers(behavior.valid, evalUsers, seed) },
  test: { ...heldOut(behavior, "test", items), userIds: sampleUsers(behavior.test, testUsers, 0) },
});

/** What a behaviour's part asks of a ranking: lists without what was known before, negatives without what is known at all. */
export function heldOut({ train, valid, test }: Behavior, part: "valid" | "test", items: number): RankingPart {
  const { values: ratings } = part === "valid" ? valid : test;
  return {
    relevant: part === "valid" ? valid : test,
    exclude: part === "valid" ? train : uniteLists([train, valid]),
    known: uniteLists([train, valid, test]),
    popularity: countItems(train.items, items),
    ...given({ ratings }),
  };
}

/** How many users chose each item. */
export function countItems(chosen: Int32Array, items: number): Int32Array {
  const counts = new Int32Array(items);
  for (const item of chosen) counts[item] = (counts[item] as number) + 1;
  return counts;
}

/** Refuses to choose epochs by errors of ratings that no task predicts: they would never have a value. */
function requirePredicted(monitor: string, model: Model): void {
  if (!/^(rmse|mae)$/i.test(monitor) || ratingUnit(model) !== null) return;
  const remedy = "add the task rating (of mf, lightgcn or ngcf), or name a ranking metric first";
  throw optionError(`${monitor} decides which epoch is best, and no task predicts ratings`, "metrics", remedy);
}

/** The set's target has held out pairs, or the set was prepared without them: each has its own remedy. */
function nothingHeldOut(set: PreparedSet, task: string, held: PreparedSet["behaviors"][string] | undefined) {
  const empty = (["valid", "test"] as const).filter((part) => (held?.[part].items.length ?? 0) === 0);
  const parts = empty.map((part) => (part === "valid" ? "validation" : "test")).join(" and ");
  const what = `${task} has no ${parts} part`;
  if (task !== set.target) return optionError(what, "tasks", `name ${set.target} first: the set was split on it`);
  const remedy = "prepare it again with a split that holds out both, such as random:0.7,0.15,0.15 or leave-one-out";
  return optionError(`${what}: the set was prepared without one`, "data", remedy);
}

/** The users with a relevant item, or a seeded sample of so many of them (the same in every epoch). */
function sampleUsers(relevant: Interactions, count: number | null, seed: number): Int32Array {
  const users = usersWithAny(relevant);
  if (count === null || count >= users.length) return users;
  return createRandom(seed, sampleStream).shuffle(users).slice(0, count).sort();
}

/** Keeps the sample apart from every other use of the seed. */
const sampleStream = 0x5eed;
