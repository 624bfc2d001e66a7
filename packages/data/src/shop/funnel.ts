import { createRandom, type Random } from "@gradpool/core";
import type { ResolvedShop } from "./options.js";
import { affinity, createTastes, glance, type Tastes } from "./tastes.js";

/** What every user did: unique items per behaviour, in the order they were met. */
export interface Events {
  readonly buy: readonly (readonly number[])[];
  readonly cart: readonly (readonly number[])[];
  readonly pv: readonly (readonly number[])[];
  readonly fav: readonly (readonly number[])[];
  /** Beside `buy`: 1 … 5 stars. */
  readonly stars: readonly (readonly number[])[];
  readonly tastes: Tastes;
}

/** A draw of Gumbel noise: the largest of score + noise is a draw from softmax(score). */
const gumbel = (random: Random): number => -Math.log(-Math.log(random.uniform() || Number.MIN_VALUE));

/** Adds up to `count` items to `chosen`: each the favourite, by `taste`, of twelve glances at the shop. */
function browse(
  shop: ResolvedShop,
  tastes: Tastes,
  taste: Float64Array,
  user: number,
  count: number,
  chosen: Set<number>,
  random: Random,
): void {
  const wanted = Math.min(count, shop.items / 2);
  for (let attempt = 0, added = 0; added < wanted && attempt < 4 * wanted; attempt++) {
    let best = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (let look = 0; look < 12; look++) {
      const item = glance(tastes.shown, random);
      const score = 2 * shop.sharpness * affinity(taste, user, tastes.items, item) + gumbel(random);
      if (score > highest && !chosen.has(item)) {
        highest = score;
        best = item;
      }
    }
    if (best < 0) continue;
    chosen.add(best);
    added++;
  }
}

/** Adds up to `count` of `candidates`, drawn without replacement by softmax of the taste. */
function pick(
  shop: ResolvedShop,
  tastes: Tastes,
  taste: Float64Array,
  user: number,
  candidates: Iterable<number>,
  count: number,
  chosen: Set<number>,
  random: Random,
): void {
  const scored = [...candidates].map((item) => ({
    item,
    score: 2 * shop.sharpness * affinity(taste, user, tastes.items, item) + gumbel(random),
  }));
  scored.sort((a, b) => b.score - a.score);
  for (const { item } of scored.slice(0, count)) chosen.add(item);
}

const half = (value: number, random: Random): number => Math.floor(value + random.uniform());

/**
 * The funnel of one user: views by the taste in viewing; carts and favourites picked from the views by their own tastes;
 * purchases picked from carts and views by the taste in buying, a third found directly. What is bought was viewed, and
 * mostly carted. So the auxiliaries outnumber purchases by `ratio` and tell of them as far as `agreement` lets them.
 */
export function runFunnel(shop: ResolvedShop): Events {
  const { ratio, agreement } = shop;
  const tastes = createTastes(shop, [agreement.pv, agreement.cart, agreement.fav]);
  const [byView, byCart, byFavourite] = tastes.auxiliary as [Float64Array, Float64Array, Float64Array];
  const events = {
    buy: [] as number[][],
    cart: [] as number[][],
    pv: [] as number[][],
    fav: [] as number[][],
    stars: [] as number[][],
  };
  for (let user = 0; user < shop.users; user++) {
    const random = createRandom(shop.seed, 0x66756e, user);
    // Log-normal activity with the wanted mean above the least of 4.
    const buys = 4 + half((shop.buysPerUser - 4) * Math.exp(0.8 * random.normal() - 0.32), random);
    const pv = new Set<number>();
    const cart = new Set<number>();
    const fav = new Set<number>();
    const buy = new Set<number>();
    browse(shop, tastes, byView, user, half(Math.max(0, ratio.pv - 1) * buys, random), pv, random);
    pick(shop, tastes, byCart, user, pv, half(Math.max(0, ratio.cart - 0.6) * buys, random), cart, random);
    pick(shop, tastes, byFavourite, user, pv, half(ratio.fav * buys, random), fav, random);
    const direct = Math.max(1, Math.round(buys / 3));
    pick(shop, tastes, tastes.users, user, new Set([...cart, ...pv]), buys - direct, buy, random);
    browse(shop, tastes, tastes.users, user, buys - buy.size, buy, random);
    for (const item of buy) {
      if (ratio.pv > 0) pv.add(item);
      if (ratio.cart > 0 && random.uniform() < 0.6) cart.add(item);
    }
    events.buy.push([...buy]);
    events.cart.push([...cart]);
    events.pv.push([...pv]);
    events.fav.push([...fav]);
    events.stars.push(
      [...buy].map((item) => {
        const liking = affinity(tastes.users, user, tastes.items, item);
        return Math.min(5, Math.max(1, Math.round(3.2 + 2 * liking + 0.5 * random.normal())));
      }),
    );
  }
  return { ...events, tastes };
}
