import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { popularItems } from "../open/popular.js";
import { seenItems } from "../open/seen.js";
import type { TrainedRun } from "../open/contract.js";
import { writeVocabularies } from "./ids.js";

/** So many popular items stand in for those of a new user. */
const popularCount = 1000;

/** `ranking.json` of an exported model: what a page needs beside the scores. Users and items are numbered as in `users` and `items`. */
export interface PageRanking {
  /** The first is the target; tasks whose labels are no choice of items rank as the target does. */
  readonly tasks: readonly string[];
  /** What the model wants for a user: the user alone, for the scores of all items; or pairs of the user and each item. */
  readonly input: "users" | "pairs";
  readonly users: readonly string[];
  readonly items: readonly string[];
  /** By task, what lists leave out: the items of user u are `items` from `offsets[u]` to `offsets[u + 1]`. */
  readonly seen: Readonly<Record<string, { readonly offsets: readonly number[]; readonly items: readonly number[] }>>;
  /** By task, the items that most users chose, best first: for a user that is not in `users`. */
  readonly popular: Readonly<Record<string, readonly number[]>>;
}

export function writeRanking(run: TrainedRun, folder: string): void {
  const { data, model } = run;
  const { behaviors, target } = data.set;
  const tasks = run.tasks.filter((task, k) => k === 0 || behaviors[task] !== undefined || task === target);
  const byTask = <T>(of: (task: string) => T): Readonly<Record<string, T>> =>
    Object.fromEntries(tasks.map((task) => [task, of(task)]));
  const ranking: PageRanking = {
    tasks,
    input: model.kind === "tensor" ? "pairs" : "users",
    users: run.ids("users"),
    items: run.ids("items"),
    seen: byTask((task) => {
      const { offsets, items } = seenItems({ data }, task);
      return { offsets: Array.from(offsets), items: Array.from(items) };
    }),
    popular: byTask((task) => [...popularItems(data, task, popularCount)]),
  };
  writeFileSync(join(folder, "ranking.json"), JSON.stringify(ranking));
}

/** `ids.json`: `users` and `items` by their numbers. Beside it `vocabularies.json`, for the categories. */
export function writeRowIds(run: TrainedRun, folder: string): void {
  const ids = { users: run.ids("users"), items: run.ids("items") };
  writeFileSync(join(folder, "ids.json"), JSON.stringify(ids));
  writeVocabularies(run, folder);
}
