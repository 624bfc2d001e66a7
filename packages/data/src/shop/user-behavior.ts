import { closeSync, openSync, writeSync } from "node:fs";
import { createRandom, type NamesOf, requireNames } from "@gradpool/core";
import { problem, throwIfAborted } from "../errors.js";

export interface UserBehaviorOptions {
  /** Rows to write. */
  readonly rows: number;
  /** Default: rows / 101, as in Taobao's file, at least 10. */
  readonly users?: number;
  /** Default: rows / 24, as in Taobao's file, at least 100. */
  readonly items?: number;
  /** Default 4.63 √items: 9,439 where there are as many items as in Taobao's file. */
  readonly categories?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

const names: NamesOf<UserBehaviorOptions> = {
  rows: true,
  users: true,
  items: true,
  categories: true,
  seed: true,
  signal: true,
};

/** `number` in decimal digits at `at`, then `end`; returns the place behind. */
function put(buffer: Buffer, at: number, number: number, end: number): number {
  let digits = 1;
  for (let power = 10; number >= power; power *= 10) digits++;
  let rest = number;
  for (let k = at + digits - 1; k >= at; k--) {
    const tenth = Math.floor(rest / 10);
    buffer[k] = 48 + rest - 10 * tenth;
    rest = tenth;
  }
  buffer[at + digits] = end;
  return at + digits + 1;
}

const words = ["pv", "cart", "fav", "buy"].map((word) => Buffer.from(`${word},`));

/**
 * Writes a file of the layout and the proportions of Taobao's `UserBehavior.csv` (no header,
 * `user,item,category,behavior,timestamp`), of any size, in constant memory: users one after the other with log-normal
 * activity, items by a power law inside each user's few favourite categories, about 90 % views, some of them followed by a
 * cart, a favourite and a purchase of the same item within nine days. Returns the number of bytes.
 */
export function writeUserBehavior(path: string, options: UserBehaviorOptions): number {
  requireNames(options, names, "writeUserBehavior");
  const { rows, seed = 1, signal } = options;
  const users = options.users ?? Math.max(10, Math.round(rows / 101));
  const items = options.items ?? Math.max(100, Math.round(rows / 24));
  const categories = Math.min(options.categories ?? Math.round(4.63 * Math.sqrt(items)), items);
  for (const [name, value] of Object.entries({ rows, users, items, categories })) {
    if (Number.isSafeInteger(value) && value >= 1 && (name === "rows" || value < 2 ** 31)) continue;
    throw problem("invalid-option", `${name} is ${value}`, "writeUserBehavior", "give a whole number from 1");
  }
  const handle = openSync(path, "w");
  const buffer = Buffer.allocUnsafe(1 << 20);
  const random = createRandom(seed, 0x63737620);
  // 32 bits will do for a made-up file, and halve the time of 53.
  const chance = (): number => (random.next32() >>> 0) / 4_294_967_296;
  const anyCategory = (): number => Math.floor(categories * chance() ** 3);
  // The few items that everybody meets: without them no item would have ten buyers who buy ten things.
  const hits = Math.ceil(items / 400);
  const perCategory = Math.ceil(items / categories);
  let at = 0;
  let bytes = 0;
  const flush = (): void => {
    writeSync(handle, buffer, 0, at);
    bytes += at;
    at = 0;
  };
  try {
    let written = 0;
    for (let user = 0; written < rows; user++) {
      if (user % 1024 === 0) throwIfAborted(signal);
      // Log-normal with mean 1, times the mean number of rows left to each user left.
      const mean = (rows - written) / Math.max(1, users - user);
      const share = Math.exp(1.1 * random.normal() - 0.605);
      let left = user >= users - 1 ? rows - written : Math.min(rows - written, Math.max(1, Math.round(mean * share)));
      const favourites = Array.from({ length: 8 }, anyCategory);
      const buyer = 0.02 * Math.exp(1.5 * random.normal() - 1.125);
      while (left > 0) {
        const draw = chance();
        const category = draw < 0.8 ? (favourites[Math.floor(draw * 10)] as number) : anyCategory();
        // Powers of a uniform number crowd towards the first: a few items and categories draw most of the attention.
        const popular = chance() ** 3;
        const usual = (category + categories * Math.floor(popular * perCategory)) % items;
        const item = chance() < 0.4 ? Math.floor(hits * chance() ** 1.5) : usual;
        const time = 1_511_539_200 + Math.floor(777_000 * chance());
        const luck = chance();
        const steps = 1 + (luck < 0.06 ? 1 : 0) * 2 + (luck > 0.97 ? 1 : 0) * 4 + (chance() < buyer ? 8 : 0);
        for (let kind = 0; kind < 4 && left > 0; kind++) {
          if (!(steps & (1 << kind))) continue;
          if (at > buffer.length - 128) flush();
          at = put(buffer, at, user + 1, 44);
          at = put(buffer, at, item + 1, 44);
          at = put(buffer, at, (item % categories) + 1, 44);
          const word = words[kind] as Buffer;
          word.copy(buffer, at);
          at = put(buffer, at + word.length, time + 60 * kind, 10);
          left--;
          written++;
        }
      }
    }
    flush();
  } finally {
    closeSync(handle);
  }
  return bytes;
}
