import { createRandom } from "@gradpool/core";
import {
  noInteractions,
  toBags,
  type Behavior,
  type Feature,
  type Impressions,
  type Interactions,
  type Links,
  type PreparedSet,
} from "../set/prepared-set.js";
import type { BehaviorCounts } from "../set/manifest.js";
import { runFunnel, type Events } from "./funnel.js";
import { auxiliaries, resolveShop, type ResolvedShop, type ShopOptions } from "./options.js";
import { affinity, type Tastes } from "./tastes.js";

const names = ["buy", ...auxiliaries] as const;

/** Pairs of one part, by user with ascending items. */
function toInteractions(lists: readonly (readonly number[])[], values?: readonly (readonly number[])[]): Interactions {
  const offsets = new Int32Array(lists.length + 1);
  for (const [u, list] of lists.entries()) offsets[u + 1] = (offsets[u] as number) + list.length;
  const items = new Int32Array(offsets[lists.length] as number);
  const kept = new Float32Array(values ? items.length : 0);
  for (const [u, list] of lists.entries()) {
    const order = [...list.keys()].sort((a, b) => (list[a] as number) - (list[b] as number));
    for (const [k, place] of order.entries()) {
      items[(offsets[u] as number) + k] = list[place] as number;
      if (values) kept[(offsets[u] as number) + k] = values[u]?.[place] as number;
    }
  }
  return { offsets, items, ...(values ? { values: kept } : {}) };
}

/** 70/15/15 at random over all purchases, as `prepare` does; 0 train, 1 validation, 2 test, by user and purchase. */
function splitPurchases(buy: Events["buy"], seed: number): number[][] {
  const total = buy.reduce((sum, list) => sum + list.length, 0);
  const order = createRandom(seed, 0x73706c).shuffle(Int32Array.from({ length: total }, (_, k) => k));
  const parts = new Uint8Array(total);
  const held = Math.round(0.15 * total);
  for (let k = 0; k < 2 * held; k++) parts[order[k] as number] = k < held ? 2 : 1;
  let at = 0;
  return buy.map((list) => list.map(() => parts[at++] as number));
}

const select = <T>(lists: readonly (readonly T[])[], keep: (user: number, place: number) => boolean): T[][] =>
  lists.map((list, u) => list.filter((_, k) => keep(u, k)));

function makeFriends(shop: ResolvedShop, tastes: Tastes): Links {
  const pairs = new Set<number>();
  for (let user = 0; user < shop.users; user++) {
    const random = createRandom(shop.seed, 0x667269, user);
    for (let made = 0; made < shop.friends / 2; made++) {
      let best = -1;
      let closest = Number.NEGATIVE_INFINITY;
      for (let look = 0; look < 8; look++) {
        const other = random.int(shop.users);
        const closeness = affinity(tastes.users, user, tastes.users, other);
        if (other !== user && closeness > closest) [best, closest] = [other, closeness];
      }
      if (best < 0) continue;
      pairs.add(user * shop.users + best);
      pairs.add(best * shop.users + user);
    }
  }
  const sorted = Float64Array.from(pairs).sort();
  return {
    left: Int32Array.from(sorted, (pair) => Math.floor(pair / shop.users)),
    right: Int32Array.from(sorted, (pair) => pair % shop.users),
  };
}

/**
 * Impressions: everything a user viewed or bought, and as many items shown in vain, with one label for each behaviour.
 * A purchase keeps its part; other rows are split 70/15/15.
 */
function showImpressions(
  shop: ResolvedShop,
  events: Events,
  parts: number[][],
): NonNullable<PreparedSet["impressions"]> {
  const tasks = ["pv", "cart", "fav", "buy"] as const;
  const rows = [0, 1, 2].map(() => ({
    users: [] as number[],
    items: [] as number[],
    labels: tasks.map(() => [] as number[]),
  }));
  for (let user = 0; user < shop.users; user++) {
    const random = createRandom(shop.seed, 0x73686e, user);
    const did = tasks.map((task) => new Set(events[task][user]));
    const partOf = new Map(events.buy[user]?.map((item, k) => [item, parts[user]?.[k] as number]));
    const seen = new Set(did.flatMap((items) => [...items]));
    const size = Math.min(2 * seen.size, shop.items);
    for (let attempt = 0; seen.size < size && attempt < 20 * size; attempt++) seen.add(random.int(shop.items));
    for (const item of [...seen].sort((a, b) => a - b)) {
      const luck = random.uniform();
      const part = partOf.get(item) ?? (luck < 0.7 ? 0 : luck < 0.85 ? 1 : 2);
      const { users, items, labels } = rows[part] as (typeof rows)[number];
      users.push(user);
      items.push(item);
      for (const [t, items_] of did.entries()) labels[t]?.push(items_.has(item) ? 1 : 0);
    }
  }
  const [train, valid, test] = rows.map(({ users, items, labels }): Impressions => ({
    size: users.length,
    users: Int32Array.from(users),
    items: Int32Array.from(items),
    labels: labels.map((column) => Uint8Array.from(column)),
    features: [],
  })) as [Impressions, Impressions, Impressions];
  return { tasks, train, valid, test };
}

/**
 * A shop made up from a seed, prepared and in memory: users with latent tastes browse items of a power-law popularity; what
 * they view they sometimes cart or mark as favourite, and sometimes buy. Target `buy` (with 1–5 stars as value), auxiliaries
 * `cart`, `pv`, `fav` without the pairs held out; item categories and prices, users' age groups, friendships, impressions
 * with one label a behaviour. The defaults train in seconds; `agreement` and `ratio` decide how much the auxiliaries help or get in the way.
 */
export function generateShop(options: ShopOptions = {}): PreparedSet {
  const shop = resolveShop(options);
  const events = runFunnel(shop);
  const parts = splitPurchases(events.buy, shop.seed);
  const behaviors: Record<string, Behavior> = {};
  const counts: Record<string, BehaviorCounts> = {};
  for (const name of names) {
    if (name === "buy") {
      const [train, valid, test] = [0, 1, 2].map((part) => {
        const keep = (u: number, k: number): boolean => parts[u]?.[k] === part;
        return toInteractions(select(events.buy, keep), select(events.stars, keep));
      }) as [Interactions, Interactions, Interactions];
      behaviors[name] = { name, train, valid, test };
      const sizes = { train: train.items.length, valid: valid.items.length, test: test.items.length };
      const pairs = sizes.train + sizes.valid + sizes.test;
      counts[name] = { raw: pairs, pairs, ...sizes };
      continue;
    }
    const train = events[name].map((list, u) => {
      const held = new Set(events.buy[u]?.filter((_, k) => (parts[u]?.[k] ?? 0) > 0));
      return list.filter((item) => !held.has(item));
    });
    const pairs = events[name].reduce((sum, list) => sum + list.length, 0);
    const left = train.reduce((sum, list) => sum + list.length, 0);
    counts[name] = { raw: pairs, pairs, leaked: pairs - left, train: left };
    behaviors[name] = {
      name,
      train: toInteractions(train),
      valid: noInteractions(shop.users),
      test: noInteractions(shop.users),
    };
  }
  const random = createRandom(shop.seed, 0x666561);
  const { category } = events.tastes;
  const ids = category.map((value) => value + 1);
  const price = Float32Array.from(
    category,
    (value) => Math.round(100 * Math.exp(2 + 0.1 * value + 0.5 * random.normal())) / 100,
  );
  // Age groups follow the strongest side of a user's taste, with a third of them at random.
  const age = Int32Array.from({ length: shop.users }, (_, u) => {
    if (random.uniform() < 1 / 3) return 1 + random.int(6);
    const own = events.tastes.users.subarray(8 * u, 8 * u + 6);
    return 1 + own.indexOf(Math.max(...own));
  });
  const itemFeatures: Feature[] = [
    { kind: "one-hot", name: "category", vocabulary: shop.categories + 1, ids },
    { kind: "numerical", name: "price", values: price },
  ];
  const everyItem = Int32Array.from({ length: shop.items }, (_, k) => k);
  return {
    users: shop.users,
    items: shop.items,
    target: "buy",
    behaviors,
    counts,
    social: makeFriends(shop, events.tastes),
    itemPairs: {},
    categories: { ...toBags(everyItem, ids, shop.items), vocabulary: shop.categories + 1 },
    userFeatures: [{ kind: "one-hot", name: "age", vocabulary: 7, ids: age }],
    itemFeatures,
    impressions: showImpressions(shop, events, parts),
  };
}
