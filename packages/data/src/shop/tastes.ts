import { createRandom, type Random } from "@gradpool/core";
import type { ResolvedShop } from "./options.js";

/** Width of the latent space. */
const width = 8;

/** Who likes what: unit vectors, row after row. */
export interface Tastes {
  /** A user's taste in buying. */
  readonly users: Float64Array;
  readonly items: Float64Array;
  /** A user's taste in each auxiliary behaviour: cosine `agreement` with the taste in buying. */
  readonly auxiliary: readonly Float64Array[];
  readonly category: Int32Array;
  /** Cumulative share of attention of each item. */
  readonly shown: Float64Array;
}

function unit(vector: Float64Array, at: number): void {
  let squares = 0;
  for (let k = 0; k < width; k++) squares += (vector[at + k] as number) ** 2;
  const scale = 1 / Math.sqrt(squares);
  for (let k = 0; k < width; k++) vector[at + k] = (vector[at + k] as number) * scale;
}

/** Inner product of row a of one table with row b of another. */
export function affinity(left: Float64Array, a: number, right: Float64Array, b: number): number {
  let sum = 0;
  for (let k = 0; k < width; k++) sum += (left[a * width + k] as number) * (right[b * width + k] as number);
  return sum;
}

function directions(count: number, random: Random): Float64Array {
  const rows = Float64Array.from({ length: count * width }, () => random.normal());
  for (let row = 0; row < count; row++) unit(rows, row * width);
  return rows;
}

/** The part of a random direction that is at a right angle to `taste`, mixed so that the cosine with it is `agreement`. */
function related(taste: Float64Array, count: number, agreement: number, random: Random): Float64Array {
  const other = directions(count, random);
  const rest = Math.sqrt(1 - agreement * agreement);
  for (let u = 0; u < count; u++) {
    const overlap = affinity(taste, u, other, u);
    for (let k = u * width; k < (u + 1) * width; k++) other[k] = (other[k] as number) - overlap * (taste[k] as number);
    unit(other, u * width);
    for (let k = u * width; k < (u + 1) * width; k++) {
      other[k] = agreement * (taste[k] as number) + rest * (other[k] as number);
    }
  }
  return other;
}

/** Items crowd around their category; users lean towards one or two categories; attention follows a power law. */
export function createTastes(shop: ResolvedShop, agreements: readonly number[]): Tastes {
  const random = createRandom(shop.seed, 0x73686f70);
  const centres = directions(shop.categories, random);
  const category = Int32Array.from({ length: shop.items }, () => random.int(shop.categories));
  const items = directions(shop.items, random);
  for (let i = 0; i < shop.items; i++) {
    const centre = (category[i] as number) * width;
    for (let k = 0; k < width; k++)
      items[i * width + k] = 0.8 * (items[i * width + k] as number) + (centres[centre + k] as number);
    unit(items, i * width);
  }
  const users = directions(shop.users, random);
  for (let u = 0; u < shop.users; u++) {
    for (let lean = 0; lean < 2; lean++) {
      const centre = random.int(shop.categories) * width;
      for (let k = 0; k < width; k++)
        users[u * width + k] = (users[u * width + k] as number) + 0.8 * (centres[centre + k] as number);
    }
    unit(users, u * width);
  }
  const rank = random.shuffle(Int32Array.from({ length: shop.items }, (_, k) => k));
  const shown = new Float64Array(shop.items);
  let sum = 0;
  for (let i = 0; i < shop.items; i++) {
    sum += ((rank[i] as number) + 1) ** -shop.skew;
    shown[i] = sum;
  }
  return {
    users,
    items,
    auxiliary: agreements.map((agreement) => related(users, shop.users, agreement, random)),
    category,
    shown,
  };
}

/** An item in proportion to the attention it gets. */
export function glance(shown: Float64Array, random: Random): number {
  const point = random.uniform() * (shown.at(-1) as number);
  let low = 0;
  let high = shown.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((shown[middle] as number) <= point) low = middle + 1;
    else high = middle;
  }
  return low;
}
