import { type ItemLists, parseMetric } from "@gradpool/metrics";
import { createRandom } from "@gradpool/core";
import { classificationEvaluator, judgeRankings, type RankingPart, usersWithAny } from "@gradpool/trainer";
import { existsSync } from "node:fs";
import { impressionsSampler, type PreparedSet } from "@gradpool/data";
import { loadData } from "../data/load.js";
import { parseData } from "../data/spec.js";
import { countItems, heldOut } from "../evaluation/ranking.js";
import { readsRows, rowBatch } from "./batch.js";
import type { EvaluateOptions, Evaluation, InputRow, TaskEvaluation } from "./contract.js";
import { problem } from "./errors.js";
import type { Opened } from "./opened.js";
import { rowsAtOnce } from "./score.js";
import { listsOf, seenItems } from "./seen.js";
import { taskPlace } from "./tasks.js";

/** How good the run's model is, by other metrics, for other users, tasks or data than in training. */
export async function evaluate(run: Opened, options: EvaluateOptions = {}): Promise<Evaluation> {
  const metrics = (options.metrics ?? run.config.metrics).map((name) => parseMetric(name).name);
  return readsRows(run) ? judgeRows(run, metrics, options) : judgePairs(run, metrics, options);
}

async function judgePairs(run: Opened, metrics: readonly string[], options: EvaluateOptions): Promise<Evaluation> {
  const names = chosenTasks(run, options.tasks);
  const own = options.pairs === undefined ? undefined : listsOf(run, options.pairs);
  const tasks: Record<string, TaskEvaluation> = {};
  for (const task of names) {
    const part = own === undefined ? partOf(run, task, options.part ?? "test") : partOfPairs(run, task, own.lists);
    if (part === null) {
      if (options.tasks === "all") continue;
      throw problem(
        "invalid-option",
        `${task} has no held-out pairs`,
        run.folder,
        "give a file of pairs to judge it by",
      );
    }
    tasks[task] = await judgeTask(run, task, metrics, part, options.users);
  }
  return { tasks, unknown: own?.unknown ?? 0 };
}

function partOf({ data: { set } }: Opened, task: string, part: "valid" | "test"): RankingPart | null {
  const behavior = set.behaviors[task];
  return behavior === undefined || behavior[part].items.length === 0 ? null : heldOut(behavior, part, set.items);
}

function partOfPairs(run: Opened, task: string, relevant: ItemLists): RankingPart {
  const { behaviors, target, items } = run.data.set;
  const { train } = behaviors[task] ?? behaviors[target] ?? { train: { items: new Int32Array(0) } };
  return { relevant, exclude: seenItems(run, task), popularity: countItems(train.items, items) };
}

async function judgeTask(
  { engine, made, config, users: names }: Opened,
  task: string,
  metrics: readonly string[],
  part: RankingPart,
  count: number | undefined,
): Promise<TaskEvaluation> {
  const userIds = sample(usersWithAny(part.relevant), count, config.seed);
  const report = await judgeRankings({ engine, model: made.model, task, metrics, part: { ...part, userIds } });
  const users = Array.from(report.users, (user) => names.all[user] as string);
  return { values: report.values, perUser: report.perUser, users, undefined: report.undefined };
}

function sample(users: Int32Array, count: number | undefined, seed: number): Int32Array {
  if (count === undefined || count >= users.length) return users;
  return createRandom(seed, sampleStream).shuffle(users).slice(0, count).sort();
}

/** Keeps the sample apart from every other use of the seed. */
const sampleStream = 0x0be0;

function chosenTasks(run: Opened, tasks: EvaluateOptions["tasks"]): readonly string[] {
  const { names, target } = run.engine.tasks;
  if (tasks === "all") return names;
  return (tasks ?? [names[target] as string]).map((task) => names[taskPlace(run, task)] as string);
}

async function judgeRows(run: Opened, metrics: readonly string[], options: EvaluateOptions): Promise<Evaluation> {
  const { engine } = run;
  const names = options.tasks === undefined ? engine.tasks.names : chosenTasks(run, options.tasks);
  const missing: TaskEvaluation["undefined"][number][] = [];
  const counted = { unknown: 0 };
  const part = options.part ?? "test";
  const batches =
    options.rows === undefined ? await partRows(run, part) : () => givenRows(run, [...(options.rows ?? [])], counted);
  const judged = await classificationEvaluator({ engine, metrics, rows: batches })(part, (one) => missing.push(one));
  const tasks = names.map((task): readonly [string, TaskEvaluation] => {
    const own = metrics.map((metric) => [metric, judged[`${metric}/${task}`] ?? judged[metric] ?? Number.NaN] as const);
    return [task, { values: Object.fromEntries(own), undefined: missing.filter(({ task: of }) => of === task) }];
  });
  return { tasks: Object.fromEntries(tasks), unknown: counted.unknown };
}

function* givenRows(run: Opened, rows: readonly InputRow[], counted: { unknown: number }) {
  const known = rows.filter(({ user, item }) => run.users.find(user) >= 0 && run.items.find(item) >= 0);
  counted.unknown = rows.length - known.length;
  for (let from = 0; from < known.length; from += rowsAtOnce) {
    const some = known.slice(from, from + rowsAtOnce);
    yield rowBatch(
      run,
      some.map(({ user }) => run.users.find(user)),
      some.map(({ item }) => run.items.find(item)),
      some,
    ).batch;
  }
}

/** The rows of a part: a run does not keep them, so that they come from its data. */
async function partRows(run: Opened, part: "valid" | "test") {
  const { data, tasks } = run.config;
  const source = parseData(data);
  if (source.kind === "folder" && !existsSync(source.path)) {
    throw problem(
      "not-found",
      `the rows of the ${part} part are not kept with the run`,
      data,
      "give rows, or the data back",
    );
  }
  const { set, hash } = await loadData(data);
  if (hash !== run.data.hash) {
    throw problem("invalid-input", "the data is not what the run was trained on", data, "give rows, or that data back");
  }
  return () => batchesOf(set, part, tasks);
}

function* batchesOf(set: PreparedSet, part: "valid" | "test", tasks: readonly string[]) {
  const sampler = impressionsSampler(set, { part, shuffle: false, batchSize: rowsAtOnce, tasks });
  for (let k = 0; k < sampler.batchesPerEpoch; k++) yield sampler.next();
}
