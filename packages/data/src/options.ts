import { problem } from "./errors.js";

/** The layouts that `prepare` reads. */
export type Format =
  "taobao" | "edges" | "recbole" | "movielens" | "amazon" | "epinions" | "lastfm" | "wechat" | "csv" | "parquet";

export const formats: readonly Format[] = [
  "taobao",
  "edges",
  "recbole",
  "movielens",
  "amazon",
  "epinions",
  "lastfm",
  "wechat",
  "csv",
  "parquet",
];

/** Which column holds what, for `csv` and `parquet`. */
export interface ColumnNames {
  readonly user: string;
  readonly item: string;
  /** Names the behaviour of a row; without it every row is one `interaction`. */
  readonly behavior?: string;
  /** One or more 0/1 columns, joined by `+`: the set becomes impressions with these tasks, and each label a behaviour. */
  readonly label?: string;
  /** Seconds, or anything DuckDB reads as a timestamp. */
  readonly time?: string;
  /** A number kept with the pair (a rating, a count). */
  readonly value?: string;
  /** Further columns kept as features of the impression, joined by `+`. */
  readonly features?: string;
  /** The item's category (several values joined by `|`). */
  readonly category?: string;
}

/** Thresholds that turn WeChat's play times into the three viewing tasks of GradCraft (the paper does not print them). */
export interface WechatThresholds {
  /** `effective_view`: play time ≥ this many seconds. Default 3. */
  readonly effectiveSeconds?: number;
  /** `long_view`: play time ≥ this many seconds, or the whole video where it is shorter. Default 18. */
  readonly longSeconds?: number;
  /** `complete_view`: play time ≥ this fraction of the video's length. Default 1. */
  readonly completeRatio?: number;
}

export type Split =
  | { readonly kind: "random" | "time"; readonly train: number; readonly valid: number; readonly test: number }
  | { readonly kind: "leave-one-out" }
  /** The parts come with the data: `valid` and `test` files. */
  | { readonly kind: "given" };

export interface PrepareOptions {
  readonly format: Format;
  /** Files, folders, a prefix or globs, as the format wants them. Not for `edges`. */
  readonly input?: string | readonly string[];
  /** `edges`: the file or files of each behaviour, in the order that counts are printed. */
  readonly behaviors?: Readonly<Record<string, string | readonly string[]>>;
  /** `edges`: the target's validation pairs, if the data come split. Pairs found here leave the training part. */
  readonly valid?: string;
  /** `edges`: the target's test pairs, if the data come split. */
  readonly test?: string;
  /** `edges`, `csv`, `parquet`: user–user pairs (social links, trust). */
  readonly social?: string;
  /** `amazon`: metadata with categories, also_viewed, also_bought. */
  readonly meta?: string;
  readonly columns?: ColumnNames;
  /** Tasks over a numeric column, e.g. `like=rating>=4`: the set then also holds impressions. `recbole`, `movielens`, `csv`, `parquet`. */
  readonly labels?: readonly string[];
  readonly wechat?: WechatThresholds;
  /** The folder to write. */
  readonly out: string;
  /** The behaviour that is split and tested. Default: `buy` if there is one, else the only or first behaviour. */
  readonly target?: string;
  /** Least number of unique target items of a user; 0 (default) keeps every user. */
  readonly minUser?: number;
  /** Least number of unique target users of an item; 0 (default) keeps every item. */
  readonly minItem?: number;
  /** Least number of unique items of a user and users of an item over all behaviours together. */
  readonly core?: number;
  /** `fixpoint` (default): repeat the filters until nothing changes; `once`: both counts are taken once, on all pairs. */
  readonly passes?: "fixpoint" | "once";
  /** `random:0.7,0.15,0.15` (default), `leave-one-out`, `time:0.8,0.1,0.1`. */
  readonly split?: string;
  /** Keep auxiliary pairs that are in the target's validation or test part. Default false. */
  readonly keepLeakage?: boolean;
  readonly seed?: number;
  /** A malformed row fails. Default: counted; more than 1 % fails. */
  readonly strict?: boolean;
  /** DuckDB's memory, e.g. `4GB` (default `2GB`); what does not fit goes to disk. */
  readonly memory?: string;
  /** DuckDB's threads, default 2. */
  readonly threads?: number;
  /** Replace `out` if it holds a prepared set. */
  readonly force?: boolean;
}

/** The options that decide the bytes of a prepared set, with every default filled in. */
export interface ResolvedOptions {
  readonly format: Format;
  readonly target: string | undefined;
  readonly minUser: number;
  readonly minItem: number;
  readonly core: number;
  readonly passes: "fixpoint" | "once";
  readonly split: Split | undefined;
  readonly keepLeakage: boolean;
  readonly seed: number;
}

const count = (value: number | undefined, name: string): number => {
  if (value === undefined) return 0;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw problem("usage", `${name} is ${value}`, `--${name}`, "give a whole number from 0");
};

/** Reads `random:0.7,0.15,0.15`, `time:0.8,0.1,0.1` or `leave-one-out`. Fractions must be ≥ 0, train > 0, and add up to 1. */
export function parseSplit(text: string): Split {
  if (text === "leave-one-out") return { kind: "leave-one-out" };
  const match = /^(random|time)(?::(.+))?$/.exec(text);
  const kind = match?.[1] as "random" | "time" | undefined;
  const parts = (match?.[2] ?? (kind === "time" ? "0.8,0.1,0.1" : "0.7,0.15,0.15")).split(",").map(Number);
  const [train = 0, valid = 0, test = 0] = parts;
  const whole = Math.abs(train + valid + test - 1) < 1e-9;
  if (!kind || parts.length !== 3 || !parts.every((part) => part >= 0) || train <= 0 || !whole) {
    const remedy =
      "give random:TRAIN,VALID,TEST or time:TRAIN,VALID,TEST with fractions that add up to 1, or leave-one-out";
    throw problem("usage", `the split is "${text}"`, "--split", remedy);
  }
  return { kind, train, valid, test };
}

/** Checks every option that can be checked without reading data. */
export function resolveOptions(options: PrepareOptions): ResolvedOptions {
  if (!formats.includes(options.format)) {
    throw problem("usage", `the format is "${options.format}"`, "--format", `give one of ${formats.join(", ")}`);
  }
  if (!options.out) throw problem("usage", "no folder to write", "--out", "give --out DIR");
  const seed = options.seed ?? 1;
  if (!Number.isSafeInteger(seed)) throw problem("usage", `the seed is ${seed}`, "--seed", "give a whole number");
  const passes = options.passes ?? "fixpoint";
  if (passes !== "fixpoint" && passes !== "once") {
    throw problem("usage", `passes is "${String(passes)}"`, "--passes", "give fixpoint or once");
  }
  const memory = options.memory ?? "2GB";
  if (!/^\d+(\.\d+)?\s*[KMGT]i?B$/i.test(memory)) {
    throw problem("usage", `the memory limit is "${memory}"`, "--memory", "give a size such as 4GB or 800MB");
  }
  const threads = options.threads ?? 2;
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw problem("usage", `threads is ${threads}`, "--threads", "give a whole number from 1");
  }
  return {
    format: options.format,
    target: options.target,
    minUser: count(options.minUser, "min-user"),
    minItem: count(options.minItem, "min-item"),
    core: count(options.core, "core"),
    passes,
    split: options.split === undefined ? undefined : parseSplit(options.split),
    keepLeakage: options.keepLeakage ?? false,
    seed,
  };
}
