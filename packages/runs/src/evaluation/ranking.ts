import { createRandom } from "@gradpool/core";
import { impressionsSampler, type Interactions, type PreparedSet } from "@gradpool/data";
import type { ItemLists } from "@gradpool/metrics";
import { classificationEvaluator, type Engine, type Evaluate, rankingEvaluator, usersWithAny } from "@gradpool/trainer";
import { usageError } from "./errors.js";
import type { TrainConfig } from "./config.js";
import type { Workload } from "./tasks.js";

/** How a configuration's quality is measured on its data. */
export function makeEvaluation(
  set: PreparedSet,
  config: TrainConfig,
  { model, evaluation }: Workload,
  engine: Engine,
): Evaluate {
  const metrics = config.metrics;
  if (evaluation === "classification") {
    const rows = (part: "valid" | "test") =>
      function* () {
        const sampler = impressionsSampler(set, { part, shuffle: false, batchSize: 4096, tasks: config.tasks });
        for (let k = 0; k < sampler.batchesPerEpoch; k++) yield sampler.next();
      };
    return classificationEvaluator({ engine, metrics, rows: (part) => rows(part)() });
  }
  const target = set.behaviors[config.tasks[0] as string];
  if (target === undefined || target.valid.items.length === 0 || target.test.items.length === 0) {
    throw usageError(
      `${config.tasks[0]} has no validation and test part`,
      "--tasks",
      `name ${set.target} first: the set was split on it`,
    );
  }
  const seen = uniteLists(target.train, target.valid);
  return rankingEvaluator({
    engine,
    model,
    metrics,
    valid: {
      relevant: target.valid,
      exclude: target.train,
      userIds: sampleUsers(target.valid, config.evalUsers, config.seed),
    },
    test: { relevant: target.test, exclude: seen, userIds: sampleUsers(target.test, config.testUsers, 0) },
  });
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
export function uniteLists(a: Interactions, b: Interactions): ItemLists {
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
