import { given, type NamesOf, requireNames } from "@gradpool/core";
import { problem } from "../errors.js";
import { formatOf } from "../formats/list.js";
import { columnNames, readNames, type ReadOption, readOptions, type ReadOptions } from "../formats/options.js";
import type { DataFormat } from "../formats/reader.js";
import type { Split } from "../set/manifest.js";
import type { Means } from "./work.js";

export interface PrepareOptions extends ReadOptions {
  /** The name of a built-in format, or a format of your own. */
  readonly format: string | DataFormat;
  /** The folder to write. */
  readonly out: string;
  /** Features to keep, by name; default all. */
  readonly features?: readonly string[];
  /** Behaviours, tasks and features, what the source calls them → what the set does. All other options use the new names. */
  readonly rename?: Readonly<Record<string, string>>;
  /** The behaviour that is split and tested. Default: the format's own, else `buy` if there is one, else the first. */
  readonly target?: string;
  /** Least number of unique target items of a user; 0 (default) keeps every user. */
  readonly minUser?: number;
  /** Least number of unique target users of an item; 0 (default) keeps every item. */
  readonly minItem?: number;
  /** Least number of unique items of a user and users of an item over all behaviours together. */
  readonly core?: number;
  /** `fixpoint` (default): repeat the filters until nothing changes; `once`: both counts are taken once, on all pairs. */
  readonly passes?: "fixpoint" | "once";
  /** `random:0.7,0.15,0.15` (default), `time:0.8,0.1,0.1`, `user-random:0.8,0.1,0.1`, `user-time:0.8,0.1,0.1`, `leave-one-out`. */
  readonly split?: string;
  /**
   * Split every behaviour, not the target alone: the target's pairs keep their parts wherever they occur, the others are split by the
   * same rule, all behaviours together, so that a pair is in one part whatever the behaviour. Default false.
   */
  readonly splitAll?: boolean;
  /** Keep auxiliary pairs that are in the target's validation or test part. Default false. */
  readonly keepLeakage?: boolean;
  /**
   * Of the training rows without any positive label keep this share, above 0 and at most 1; what it does to probabilities stands in the
   * manifest and in the cards of models. Default all.
   */
  readonly keepNegatives?: number;
  /** Rows shown stand in files of at most so many, each part in files of its own. Default: one file for all. */
  readonly rowsPerFile?: number;
  /** Rows shown stand in files of their own for each hour, day or month (UTC) of their times, in folders as Hive names them: `day=2026-01-02`. */
  readonly partitionBy?: Period;
  /**
   * A prepared set whose numbers hold: users, items and values of features have the numbers that they have there, new ones the next; bounds of
   * buckets and the texts that are frequent enough are those of there. The features must be the same.
   */
  readonly after?: string;
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

/** What rows shown can be parted by, as it names a folder. */
export const periods = { hour: "%Y-%m-%dT%H", day: "%Y-%m-%d", month: "%Y-%m" } as const;
export type Period = keyof typeof periods;

/** The options that decide the bytes of a prepared set, with every default filled in. */
export interface ResolvedOptions {
  readonly format: string;
  readonly target: string | undefined;
  readonly minUser: number;
  readonly minItem: number;
  readonly core: number;
  readonly passes: "fixpoint" | "once";
  readonly split: Split | undefined;
  readonly keepLeakage: boolean;
  /** There where every behaviour is split: sets of before have the same bytes. */
  readonly splitAll?: true;
  /** There where it is asked for. */
  readonly keepNegatives?: number;
  readonly rowsPerFile?: number;
  readonly partitionBy?: Period;
  readonly seed: number;
}

const names: NamesOf<PrepareOptions> = {
  format: true,
  out: true,
  ...readNames,
  features: true,
  rename: true,
  target: true,
  minUser: true,
  minItem: true,
  core: true,
  passes: true,
  split: true,
  splitAll: true,
  keepLeakage: true,
  keepNegatives: true,
  rowsPerFile: true,
  partitionBy: true,
  after: true,
  seed: true,
  strict: true,
  memory: true,
  threads: true,
  force: true,
};

const count = (value: number | undefined, name: string): number => {
  if (value === undefined) return 0;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw problem("usage", `\`${name}\` is ${value}`, name, "give a whole number from 0");
};

function share(value: number | undefined): number | undefined {
  if (value === undefined || (value > 0 && value <= 1)) return value;
  throw problem("usage", `\`keepNegatives\` is ${value}`, "keepNegatives", "give a share above 0 and at most 1");
}

function rowsOf(value: number | undefined): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return value;
  throw problem("usage", `\`rowsPerFile\` is ${value}`, "rowsPerFile", "give a whole number from 1");
}

function periodOf(value: Period | undefined): Period | undefined {
  if (value === undefined || Object.hasOwn(periods, value)) return value;
  throw problem(
    "usage",
    `\`partitionBy\` is "${String(value)}"`,
    "partitionBy",
    `give ${Object.keys(periods).join(", ")}`,
  );
}

/** The shares that hold where a split names none. */
const standardShares = {
  random: "0.7,0.15,0.15",
  time: "0.8,0.1,0.1",
  "user-random": "0.8,0.1,0.1",
  "user-time": "0.8,0.1,0.1",
} as const;

/** Reads `leave-one-out`, or random, time, user-random, user-time with shares: `random:0.7,0.15,0.15`. Fractions must be ≥ 0, train > 0, and add up to 1. */
export function parseSplit(text: string): Split {
  if (text === "leave-one-out") return { kind: "leave-one-out" };
  const match = /^((?:user-)?(?:random|time))(?::(.+))?$/.exec(text);
  const kind = match?.[1] as keyof typeof standardShares | undefined;
  const parts = (match?.[2] ?? (kind ? standardShares[kind] : "")).split(",").map(Number);
  const [train = 0, valid = 0, test = 0] = parts;
  const whole = Math.abs(train + valid + test - 1) < 1e-9;
  if (!kind || parts.length !== 3 || !parts.every((part) => part >= 0) || train <= 0 || !whole) {
    const remedy =
      "give random, time, user-random or user-time with :TRAIN,VALID,TEST, fractions that add up to 1, or leave-one-out";
    throw problem("usage", `the split is "${text}"`, "split", remedy);
  }
  return { kind, train, valid, test };
}

/** What DuckDB may use: checked, with the defaults filled in. Nothing of the set depends on it. */
export function resolveMeans({ memory = "2GB", threads = 2 }: PrepareOptions): Means {
  if (!/^\d+(\.\d+)?\s*[KMGT]i?B$/i.test(memory)) {
    throw problem("usage", `the memory limit is "${memory}"`, "memory", "give a size such as 4GB or 800MB");
  }
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw problem("usage", `\`threads\` is ${threads}`, "threads", "give a whole number from 1");
  }
  return { memory, threads };
}

/** Refuses what the format has no use for: an option that changes nothing would be a silent mistake. */
function checkTaken({ name, takes }: DataFormat, options: PrepareOptions): void {
  const isGiven = (option: ReadOption): boolean => options[option] !== undefined;
  // Names of behaviours to keep are a choice among what any format reads, files of behaviours are not.
  const named = Array.isArray(options.behaviors);
  const stray = readOptions.find(
    (option) => isGiven(option) && takes[option] === undefined && !(option === "behaviors" && named),
  );
  if (stray === undefined) return;
  const taken = Object.keys(takes).map((option) => (option === "input" ? option : `\`${option}\``));
  const remedy = `leave it out; ${name} takes ${taken.join(", ")}`;
  throw problem("usage", `the format ${name} takes no \`${stray}\``, stray, remedy);
}

/** Checks every option that can be checked without reading data. */
export function resolveOptions(options: PrepareOptions): ResolvedOptions {
  requireNames(options, names, "prepare");
  requireNames(options.columns ?? {}, columnNames as NamesOf<object>, "prepare, columns");
  const format = formatOf(options.format);
  checkTaken(format, options);
  if (!options.out) throw problem("usage", "no folder to write", "out", "give a folder");
  const seed = options.seed ?? 1;
  if (!Number.isSafeInteger(seed)) throw problem("usage", `the seed is ${seed}`, "seed", "give a whole number");
  const passes = options.passes ?? "fixpoint";
  if (passes !== "fixpoint" && passes !== "once") {
    throw problem("usage", `\`passes\` is "${String(passes)}"`, "passes", "give fixpoint or once");
  }
  if (options.split !== undefined && (options.valid !== undefined || options.test !== undefined)) {
    const what = "the data's own parts and a split are asked for";
    throw problem("usage", what, "split", "give `valid` and `test`, or `split`");
  }
  if (options.splitAll === true && options.keepLeakage === true) {
    const what = "every behaviour is to be split, and leaks are to be kept";
    throw problem("usage", what, "splitAll", "give one of them: where every pair is in one part, nothing leaks");
  }
  return {
    format: format.name,
    target: options.target,
    minUser: count(options.minUser, "minUser"),
    minItem: count(options.minItem, "minItem"),
    core: count(options.core, "core"),
    passes,
    split: options.split === undefined ? undefined : parseSplit(options.split),
    keepLeakage: options.keepLeakage ?? false,
    ...given({
      keepNegatives: share(options.keepNegatives),
      rowsPerFile: rowsOf(options.rowsPerFile),
      partitionBy: periodOf(options.partitionBy),
    }),
    ...(options.splitAll === true && { splitAll: true as const }),
    seed,
  };
}
