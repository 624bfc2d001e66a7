import type { ItemLists } from "@gradpool/metrics";
import { breather, itemRanker, vectorsOf } from "@gradpool/trainer";
import { readsRows } from "./batch.js";
import { chunksOf, rowsPerChunk } from "./chunks.js";
import type { Id, RankedItem, RankOptions, UserList } from "./contract.js";
import { problem } from "./errors.js";
import type { Opened } from "./opened.js";
import { popularItems } from "./popular.js";
import { recommendByRows } from "./recommend-rows.js";
import { excludedItems } from "./seen.js";
import { taskPlace } from "./tasks.js";

/** The best items of each user, in the order of the users. */
export async function* recommendEach(
  run: Opened,
  users: Iterable<Id> | AsyncIterable<Id>,
  options: RankOptions = {},
): AsyncGenerator<UserList> {
  const { k = 20, exclude = "seen" } = options;
  const task = run.engine.tasks.names[taskPlace(run, options.task)] as string;
  const candidates = options.candidates === undefined ? undefined : placesOf(run, options.candidates);
  checkLength(run, k, candidates?.length ?? run.items.all.length, candidates !== undefined);
  const { engine, made } = run;
  const lists = excludedItems(run, exclude, task);
  if (readsRows(run)) {
    const asked = {
      k,
      task: taskPlace(run, options.task),
      candidates: candidates ?? allItems(run),
      given: options.given ?? {},
    };
    return yield* recommendByRows(run, users, { ...asked, seen: (user) => itemsOf(lists, user) });
  }
  if (options.given !== undefined)
    throw problem(
      "invalid-option",
      "features were given",
      run.folder,
      "leave them out: the model reads users and items alone",
    );
  const ranker = itemRanker({ engine, model: made.model, task, ...(candidates && { candidates }) });
  const usersAtOnce = rowsPerChunk(run.items.all.length, vectorsOf(engine, made.model)?.dim ?? 1);
  const breathe = breather();
  let popular: readonly RankedItem[] | undefined;
  try {
    for await (const chunk of chunksOf(users, usersAtOnce)) {
      const places = chunk.map((id) => run.users.find(id));
      const userIds = Int32Array.from(places.filter((place) => place >= 0));
      const top = await ranker.rank({ k, exclude: lists, userIds });
      let row = 0;
      for (const [at, id] of chunk.entries()) {
        const known = (places[at] as number) >= 0;
        if (!known) popular ??= popularList(run, task, k, candidates);
        const items = known ? listAt(run, top, row++) : (popular as readonly RankedItem[]);
        // Long lists take their time where they go: Ctrl-C must not wait for a whole chunk of them.
        await breathe();
        yield { user: String(id), known, items };
      }
    }
  } finally {
    ranker.dispose();
  }
}

function popularList(run: Opened, task: string, k: number, candidates: Int32Array | undefined): RankedItem[] {
  const items = popularItems(run.data, task, k, candidates);
  return Array.from(items, (item) => ({ item: run.items.all[item] as string, score: null }));
}

export function listAt(
  { items }: Opened,
  top: { readonly k: number; readonly items: Int32Array; readonly scores: Float32Array },
  row: number,
): RankedItem[] {
  const list: RankedItem[] = [];
  for (let at = row * top.k; at < (row + 1) * top.k; at++) {
    const item = top.items[at] as number;
    if (item >= 0) list.push({ item: items.all[item] as string, score: top.scores[at] as number });
  }
  return list;
}

const allItems = ({ items }: Opened): Int32Array => Int32Array.from(items.all.keys());

function itemsOf({ offsets, items }: ItemLists, user: number): ReadonlySet<number> {
  const own = new Set<number>();
  for (let k = offsets[user] as number; k < (offsets[user + 1] as number); k++) own.add(items[k] as number);
  return own;
}

/** Dense items, ascending and each once. */
export function placesOf({ items, folder }: Opened, ids: Iterable<Id>): Int32Array {
  const places = [...new Set([...ids].map((id) => items.need(id)))].sort((a, b) => a - b);
  if (places.length > 0) return Int32Array.from(places);
  throw problem("invalid-option", "there are no candidates", folder, "give some items, or leave `candidates` out");
}

export function checkLength({ folder }: Opened, k: number, most: number, chosen: boolean): void {
  if (!Number.isSafeInteger(k) || k < 1)
    throw problem("invalid-option", `k is ${k}`, folder, "give a whole number from 1 on");
  if (k <= most) return;
  const what = chosen ? `there are ${most} candidates` : `the catalogue has ${most} items`;
  throw problem("invalid-option", `k is ${k}, and ${what}`, folder, `give a k of at most ${most}`);
}
