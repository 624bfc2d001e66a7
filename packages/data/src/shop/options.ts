import { type NamesOf, requireNames } from "@gradpool/core";
import { problem } from "../errors.js";

/** The shop's knobs. */
export interface ShopOptions {
  /** Default 600. */
  readonly users?: number;
  /** Default 400. */
  readonly items?: number;
  /** Mean number of purchases of a user, from 4 to items / 4. Default 10, or items / 4 if that is less. */
  readonly buysPerUser?: number;
  /** Auxiliary events for each purchase. Default { pv: 10, cart: 2, fav: 1 } (Taobao: 44, 2.7, 1.4). */
  readonly ratio?: { readonly pv?: number; readonly cart?: number; readonly fav?: number };
  /**
   * How far auxiliary behaviour follows the taste that buys: the cosine between a user's taste in viewing (carting, marking
   * as favourite) and in buying. 1: the same taste; 0: unrelated; below 0: they oppose. Default { pv: 0.5, cart: 0.8, fav: 0.3 }.
   */
  readonly agreement?: number | { readonly pv?: number; readonly cart?: number; readonly fav?: number };
  /** Default 12. */
  readonly categories?: number;
  /** Exponent of the popularity law: the k-th item is shown in proportion to k^−skew. Default 0.7. */
  readonly skew?: number;
  /** Mean number of friends; friends have similar tastes. Default 6. */
  readonly friends?: number;
  /** How sharply taste decides: 0 is popularity alone. Default 2.5. */
  readonly sharpness?: number;
  /** Default 1. */
  readonly seed?: number;
}

export const auxiliaries = ["cart", "pv", "fav"] as const;
export type Auxiliary = (typeof auxiliaries)[number];

export interface ResolvedShop {
  readonly users: number;
  readonly items: number;
  readonly buysPerUser: number;
  readonly ratio: Readonly<Record<Auxiliary, number>>;
  readonly agreement: Readonly<Record<Auxiliary, number>>;
  readonly categories: number;
  readonly skew: number;
  readonly friends: number;
  readonly sharpness: number;
  readonly seed: number;
}

function within(value: number, low: number, high: number, option: string, integer = false): number {
  if (value >= low && value <= high && (!integer || Number.isSafeInteger(value))) return value;
  const kind = integer ? "a whole number" : "a number";
  throw problem("invalid-option", `${option} is ${value}`, "generateShop", `give ${kind} from ${low} to ${high}`);
}

const names: NamesOf<ShopOptions> = {
  users: true,
  items: true,
  buysPerUser: true,
  ratio: true,
  agreement: true,
  categories: true,
  skew: true,
  friends: true,
  sharpness: true,
  seed: true,
};
const byAuxiliary: NamesOf<Readonly<Record<Auxiliary, number>>> = { cart: true, pv: true, fav: true };

export function resolveShop(options: ShopOptions): ResolvedShop {
  requireNames(options, names, "generateShop");
  requireNames(options.ratio ?? {}, byAuxiliary, "generateShop, ratio");
  if (typeof options.agreement === "object") requireNames(options.agreement, byAuxiliary, "generateShop, agreement");
  const items = within(options.items ?? 400, 20, 1e7, "items", true);
  const given = options.agreement ?? {};
  const agreement =
    typeof given === "number" ? { pv: given, cart: given, fav: given } : { pv: 0.5, cart: 0.8, fav: 0.3, ...given };
  const ratio = { pv: 10, cart: 2, fav: 1, ...options.ratio };
  for (const name of auxiliaries) {
    within(agreement[name], -1, 1, `agreement.${name}`);
    within(ratio[name], 0, 1000, `ratio.${name}`);
  }
  return {
    users: within(options.users ?? 600, 10, 1e7, "users", true),
    items,
    buysPerUser: within(options.buysPerUser ?? Math.min(10, items / 4), 4, items / 4, "buysPerUser"),
    ratio,
    agreement,
    categories: within(options.categories ?? 12, 1, items, "categories", true),
    skew: within(options.skew ?? 0.7, 0, 3, "skew"),
    friends: within(options.friends ?? 6, 0, 1000, "friends"),
    sharpness: within(options.sharpness ?? 2.5, 0, 20, "sharpness"),
    seed: options.seed ?? 1,
  };
}
