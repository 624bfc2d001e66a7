import { createRandom } from "@gradpool/core";
import type { Interactions, PreparedSet } from "@gradpool/data";
import type { ItemLists } from "@gradpool/metrics";
import type { Model } from "@gradpool/models";
import { type Engine, type Evaluate, rankingEvaluator, usersWithAny } from "@gradpool/trainer";
import { optionError } from "../options/errors.js";
import type { TrainConfig } from "../options/training.js";

/** Quality of the first task's rankings: all items that a user has not met, against those held out. */
export function ranking(set: PreparedSet, config: TrainConfig, model: Model, engine: Engine): Evaluate {
  const task = config.tasks[0] as string;
  const target = set.behaviors[task];
  if (target === undefined || target.valid.items.length === 0 || target.test.items.length === 0)
    throw nothingHeldOut(set, task, target);
  return rankingEvaluator({
    engine,
    model,
    metrics: config.metrics,
    valid: {
      relevant: target.valid,
      exclude: target.train,
      userIds: sampleUsers(target.valid, config.evalUsers, config.seed),
    },
    test: {
      relevant: target.test,
      exclude: uniteLists(target.train, target.valid),
      userIds: sampleUsers(target.test, config.testUsers, 0),
    },
  });
}

/** The set's target has held out pairs, or the set was prepared without them: each has its own remedy. */
function nothingHeldOut(set: PreparedSet, task: string, held: PreparedSet["behaviors"][string] | undefined) {
  const empty = (["valid", "test"] as const).filter((part) => (held?.[part].items.length ?? 0) === 0);
  const parts = empty.map((part) => (part === "valid" ? "validation" : "test")).join(" and ");
  const what = `${task} has no ${parts} part`;
  if (task !== set.target) return optionError(what, "tasks", `name ${set.target} first: the set was split on it`);
  const remedy = "prepare it again with a `split` that holds out both, such as random:0.7,0.15,0.15 or leave-one-out";
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

/** Each user's items of both, ascending. */
function uniteLists(a: Interactions, b: Interactions): ItemLists {
  const users = a.offsets.length - 1;
  const offsets = new Int32Array(users + 1);
  const items = new Int32Array(a.items.length + b.items.length);
  let size = 0;
  for (let u = 0; u < users; u++) {
    items.set(a.items.subarray(a.offsets[u], a.offsets[u + 1]), size);
    size += (a.offsets[u + 1] as number) - (a.offsets[u] as number);
    items.set(b.items.subarray(b.offsets[u], b.offsets[u + 1]), size);
    size += (b.offsets[u + 1] as number) - (b.offsets[u] as number);
    items.subarray(offsets[u], size).sort();
    offsets[u + 1] = size;
  }
  return { offsets, items };
}
