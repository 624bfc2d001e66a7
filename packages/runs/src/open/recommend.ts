import type { ItemLists, TopK } from "@gradpool/metrics";
import { breather, itemRanker } from "@gradpool/trainer";
import { readsRows } from "./batch.js";
import { chunksOf } from "./chunks.js";
import type { Id, ListColumns, RankedItem, RankOptions, UserList } from "./contract.js";
import { problem } from "./errors.js";
import { columnsOfLists, listColumns, rowsOfColumns } from "./list-columns.js";
import type { Opened } from "./opened.js";
import { popularItems } from "./popular.js";
import { recommendByRows } from "./recommend-rows.js";
import { excludedItems } from "./seen.js";
import { taskPlace } from "./tasks.js";

/** Some users in their order, and what was ranked for those that the run knows: a row of `top` each. */
interface RankedUsers {
  readonly ids: readonly Id[];
  /** Dense users; −1 for new ones. */
  readonly places: Int32Array;
  readonly top: TopK;
  /** What new ones get. */
  popular(): Int32Array;
}

/** The best items of each user, in the order of the users. */
export async function* recommendEach(
  run: Opened,
  users: Iterable<Id> | AsyncIterable<Id>,
  options: RankOptions = {},
): AsyncGenerator<UserList> {
  if (readsRows(run)) return yield* listsByRows(run, users, options);
  const breathe = breather();
  for await (const { ids, places, top, popular } of rankedUsers(run, users, options)) {
    let row = 0;
    for (const [at, id] of ids.entries()) {
      const known = (places[at] as number) >= 0;
      const items = known ? listAt(run, top, row++) : popularList(run, popular());
      // Long lists take their time where they go: Ctrl-C must not wait for a whole chunk of them.
      await breathe();
      yield { user: String(id), known, items };
    }
  }
}

/** The same as columns, a row for each place of a list: ids are not looked up row by row. */
export async function* recommendColumns(
  run: Opened,
  users: Iterable<Id> | AsyncIterable<Id>,
  options: RankOptions = {},
): AsyncGenerator<ListColumns> {
  if (readsRows(run)) return yield* columnsOfLists(listsByRows(run, users, options));
  const breathe = breather();
  const k = options.k ?? 20;
  const step = Math.max(1, Math.floor(rowsOfColumns / k));
  for await (const { ids, places, top, popular } of rankedUsers(run, users, options)) {
    let row = 0;
    for (let from = 0; from < ids.length; from += step) {
      const some = places.subarray(from, from + step);
      const lists = { users: ids.slice(from, from + step).map(String), places: some, top, row, popular };
      const { known, ...columns } = listColumns(run.items.all, lists);
      row += known;
      await breathe();
      yield { known, ...columns };
    }
  }
}

function listsByRows(run: Opened, users: Iterable<Id> | AsyncIterable<Id>, options: RankOptions) {
  const { k, task, exclude, candidates } = checked(run, options);
  const lists = excludedItems(run, exclude, task);
  return recommendByRows(run, users, {
    k,
    task: taskPlace(run, options.task),
    candidates: candidates ?? allItems(run),
    given: options.given ?? {},
    seen: (user) => itemsOf(lists, user),
  });
}

function checked(run: Opened, options: RankOptions) {
  const { k = 20, exclude = "seen" } = options;
  const task = run.engine.tasks.names[taskPlace(run, options.task)] as string;
  const candidates = options.candidates === undefined ? undefined : placesOf(run, options.candidates);
  const most = candidates?.length ?? run.items.all.length;
  checkLength(run, k, most, candidates ? `there are ${most} candidates` : `the catalogue has ${most} items`);
  return { k, exclude, task, candidates };
}

/**
 * Some users at a time; while the caller is busy with them, other threads are at the next. In memory are the ids and lists of those
 * that are begun together.
 */
async function* rankedUsers(
  run: Opened,
  users: Iterable<Id> | AsyncIterable<Id>,
  options: RankOptions,
): AsyncGenerator<RankedUsers> {
  const { k, task, exclude, candidates } = checked(run, options);
  if (options.given !== undefined) {
    const remedy = "leave them out: the model reads users and items alone";
    throw problem("invalid-option", "features were given", run.folder, remedy);
  }
  const { engine, made } = run;
  const lists = excludedItems(run, exclude, task);
  const ranker = itemRanker({ engine, model: made.model, task, ...(candidates && { candidates }) });
  let found: Int32Array | undefined;
  const popular = (): Int32Array => (found ??= popularItems(run.data, task, k, candidates));
  try {
    for await (const ids of chunksOf(users, usersAtOnce(k))) {
      const places = Int32Array.from(ids, (id) => run.users.find(id));
      const userIds = places.filter((place) => place >= 0);
      let from = 0;
      for await (const top of ranker.begin({ k, exclude: lists, userIds }).parts()) {
        const to = endOf(places, from, top.count);
        yield { ids: ids.slice(from, to), places: places.subarray(from, to), top, popular };
        from = to;
      }
      // Nobody known is among those that are left.
      if (from < ids.length) yield { ids: ids.slice(from), places: places.subarray(from), top: noLists(k), popular };
    }
  } finally {
    ranker.dispose();
  }
}

/** Where the first `count` known users from `from` on end. */
function endOf(places: Int32Array, from: number, count: number): number {
  let end = from;
  for (let left = count; left > 0; end++) if ((places[end] as number) >= 0) left--;
  return end;
}

const noLists = (k: number): TopK => ({ count: 0, k, items: new Int32Array(0), scores: new Float32Array(0) });

/** Users whose rankings are begun together: as many as have four million places in their lists, at most a few ten thousand. */
const usersAtOnce = (k: number): number => Math.max(64, Math.min(65_536, Math.floor(2 ** 22 / k)));

const popularList = (run: Opened, popular: Int32Array): RankedItem[] =>
  Array.from(popular, (item) => ({ item: run.items.all[item] as string, score: null }));

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
function placesOf({ items, folder }: Opened, ids: Iterable<Id>): Int32Array {
  const places = [...new Set([...ids].map((id) => items.need(id)))].sort((a, b) => a - b);
  if (places.length > 0) return Int32Array.from(places);
  throw problem("invalid-option", "there are no candidates", folder, "give some items, or leave `candidates` out");
}

/** `there`: what there are `most` of, in words. */
export function checkLength({ folder }: Opened, k: number, most: number, there: string): void {
  if (!Number.isSafeInteger(k) || k < 1)
    throw problem("invalid-option", `\`k\` is ${k}`, folder, "give a whole number from 1 on");
  if (k <= most) return;
  throw problem("invalid-option", `\`k\` is ${k}, and ${there}`, folder, `give a k of at most ${most}`);
}
