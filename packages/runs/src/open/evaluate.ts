import { type ItemLists, parseMetric } from "@gradpool/metrics";
import { createRandom } from "@gradpool/core";
import type { TensorBatch } from "@gradpool/models";
import { judgeLabelled, judgeModel, type RankingPart, usersWithAny } from "@gradpool/trainer";
import { existsSync } from "node:fs";
import { usersShown } from "@gradpool/data";
import { chooseFeatures } from "../data/choose-features.js";
import { loadData } from "../data/load.js";
import { parseData } from "../data/spec.js";
import { rowsOf } from "../evaluation/classification.js";
import { countItems, heldOut } from "../evaluation/ranking.js";
import { placeOf, readsRows, rowBatch } from "./batch.js";
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
  if (own?.lists.items.length === 0) throw nothingKnown(run, "pairs", own.unknown);
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
  const report = await judgeModel({ engine, model: made.model, task }, metrics, { ...part, userIds });
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
  const { engine, made } = run;
  const names = options.tasks === undefined ? engine.tasks.names : chosenTasks(run, options.tasks);
  const part = options.part ?? "test";
  const given = options.rows === undefined ? undefined : knownRows(run, options.rows);
  const read = given === undefined ? await partRows(run, part) : { users: given.users, batches: given.batches };
  const chosen = new Set(sample(read.users, options.users, run.config.seed));
  const rows = chosen.size === read.users.length ? read.batches : () => ofUsers(read.batches(), chosen);
  const columns = await judgeLabelled({ engine, metrics, rows, funnel: made.funnel === true }, part);
  const tasks = columns.flatMap(({ name, task, rows, report, perUser }): [string, TaskEvaluation][] => {
    // The steps of a funnel come with their task.
    if (!names.includes(task)) return [];
    const { users, values } = perUser;
    const missing = report.undefined.map((one) => ({ ...one, task: name, part }));
    const ids = Array.from(users, (user) =>
      given?.nameless === true ? String(user) : (run.users.all[user] as string),
    );
    return [[name, { values: report.values, perUser: values, users: ids, rows, undefined: missing }]];
  });
  return { tasks: Object.fromEntries(tasks), unknown: given?.unknown ?? 0 };
}

/** The rows whose users and items the run knows. Where ids of users say nothing (`nameless`), each is of a user of its own, as in training. */
function knownRows(run: Opened, rows: Iterable<InputRow>) {
  const nameless = run.data.set.impressions?.anonymous?.includes("user") === true;
  let unknown = 0;
  const known = [...rows].flatMap((row) => {
    const [user, item] = [placeOf(run, "users", row), placeOf(run, "items", row)];
    if (user >= 0 && item >= 0) return [{ row, user, item }];
    unknown++;
    return [];
  });
  function* batches() {
    for (let from = 0; from < known.length; from += rowsAtOnce) {
      const some = known.slice(from, from + rowsAtOnce);
      const rows = some.map(({ row }) => row);
      const { batch } = rowBatch(
        run,
        some.map(({ user }) => user),
        some.map(({ item }) => item),
        rows,
        true,
      );
      yield nameless ? { ...batch, users: Int32Array.from(rows, (_, k) => from + k) } : batch;
    }
  }
  if (known.length === 0) throw nothingKnown(run, "rows", unknown);
  const users = nameless ? Int32Array.from(known.keys()) : distinct(known.map(({ user }) => user));
  return { users, unknown, nameless, batches };
}

const nothingKnown = ({ folder }: Opened, things: string, unknown: number) =>
  problem(
    "invalid-input",
    unknown === 0
      ? `there are no ${things}`
      : `none of the ${unknown === 1 ? "" : `${unknown} `}${things} is of a user and an item that the run knows`,
    folder,
    `give ${things} with the ids of the run's data`,
  );

const distinct = (ids: Iterable<number>): Int32Array => Int32Array.from(new Set(ids)).sort();

/** Batches in which only these users' rows have labels. */
async function* ofUsers(batches: Iterable<TensorBatch> | AsyncIterable<TensorBatch>, chosen: ReadonlySet<number>) {
  for await (const batch of batches) {
    const masks = batch.masks.map((mask) =>
      mask.map((there, row) => (chosen.has(batch.users[row] as number) ? there : 0)),
    );
    yield { ...batch, masks };
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
      "give rows in a file, or put the data back where it was",
    );
  }
  const { set: all, hash } = await loadData(data, parseData(data).kind === "folder" ? run.config.read : "memory");
  const set = chooseFeatures(all, run.config);
  if (hash !== run.data.hash) {
    throw problem("invalid-input", "the data is not what the run was trained on", data, "give rows, or that data back");
  }
  return { users: await usersShown(set, part), batches: () => rowsOf(set, part, tasks, rowsAtOnce) };
}
