import { existsSync, readdirSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { GradpoolError, isGradpoolError, type JsonObject } from "@gradpool/core";
import {
  type Growing,
  judgedSet,
  type Measure,
  measuresOf,
  type PreparedSet,
  type RowSizes,
  sizesOf,
} from "@gradpool/data";
import type { LoadedPool } from "@gradpool/registry";
import { accumulatedFeed, type Arrival, type Arrivals, type Engine } from "@gradpool/trainer";
import { chooseFeatures } from "../data/choose-features.js";
import type { OptionSpecs, ValuesOf } from "../options/spec.js";
import type { TrainConfig } from "../options/training.js";
import type { MadeWorkload, Workload } from "../workloads/contract.js";
import { needsOf, requireDraws } from "../workloads/draws.js";
import { makeWorkload } from "../workloads/make.js";
import { makeEngine } from "./engine.js";

/** When a run that follows a folder ends by itself. */
export interface FollowEnds {
  /** After so many partitions, those of before a break counted. Default: never. */
  readonly until?: number;
  /** After so many seconds without a new one. Default: never. */
  readonly idle?: number;
}

export interface PartitionOptions extends FollowEnds {
  readonly rows: Growing;
  /** Folder of the partitions that have to be prepared first. */
  readonly work: string;
  readonly config: TrainConfig;
  readonly workload: Workload;
  readonly options: ValuesOf<OptionSpecs>;
  readonly pool: LoadedPool;
  readonly threads: number | undefined;
  readonly onNote: ((line: string) => void) | undefined;
  /** Seconds between two looks at the folder. */
  readonly poll: number;
  /** Seconds that a file which cannot be read is given to become whole. */
  readonly settle: number;
  readonly beginning: Beginning | undefined;
}

/** A partition by its file, as it was when it was begun. */
interface Begun {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
}

/** What a run knows of the partitions that it has met. */
interface Met {
  readonly done: readonly string[];
  readonly underWay: Begun | null;
  readonly sizes: RowSizes | null;
  /** What numbers are standardised by: of the first partition, and kept from then on. */
  readonly measures: Readonly<Record<string, Measure>> | null;
  /** The prepared set that knows the numbers of all that has been met; null: numbers are all there is. */
  readonly named: string | null;
}

/** What a run that has met nothing begins with: nothing, or what another run had met. */
export type Beginning = Pick<Met, "sizes" | "measures" | "named">;

/** A partition that training has before it. */
export interface OpenPartition {
  readonly set: PreparedSet;
  /** Folder of a prepared set with the names of its numbers. */
  readonly named: string | null;
  readonly made: MadeWorkload;
  readonly engine: Engine;
}

export interface PartitionArrivals extends Arrivals {
  /** The last one that was opened. */
  open(): OpenPartition | null;
  /** The name of the last one that was judged. */
  judged(): string;
  close(): void;
}

/** A file of this name in the folder says that no more partitions will come. */
const endName = "_END";

/** The partitions of a growing folder, each as rows to judge and to learn from, in the order of their paths. */
export function partitionArrivals(options: PartitionOptions): PartitionArrivals {
  const { rows, config, pool, until = Infinity, idle = Infinity, poll, onNote } = options;
  const needs = needsOf(pool.pool);
  const inWork = (named: string | null): string | null => (named === null ? null : resolve(options.work, named));
  const nothing = { sizes: null, measures: null, named: null };
  let met: Met = { done: [], underWay: null, ...nothing, ...options.beginning };
  let held: OpenPartition | null = null;

  async function open(name: string): Promise<Arrival | null> {
    const place = `partition-${met.done.length}`;
    sweep(options.work, [place, basename(met.named ?? "")]);
    const { set: found, named, ...size } = await rows.open(name, { least: met.sizes, place, after: inWork(met.named) });
    const begun = { name, ...size };
    if (met.underWay !== null) requireSame(met.underWay, begun, rows.folder);
    if (found === null) return null;
    const measures = met.measures ?? measuresOf(found);
    const set = chooseFeatures(measuredBy(found, measures), config);
    requireDraws(needs, config);
    // Each partition is shuffled in an order of its own.
    const own = { ...config, seed: config.seed + met.done.length };
    const request = { set: judgedSet(set), config: own, options: options.options, needs };
    const made = makeWorkload(options.workload, request);
    const sizes = sizesOf(found);
    held?.made.feed.close?.();
    const same = held !== null && isDeepStrictEqual(sizes, met.sizes);
    if (!same) held?.engine.dispose();
    const engine =
      same && held !== null ? held.engine : await makeEngine(config, made, pool, { onNote, threads: options.threads });
    held = { set, named, made, engine };
    met = { ...met, underWay: begun, sizes, measures };
    const tables = made.model.tables.map((table) => table.name);
    const feed = accumulatedFeed(made.feed, config.accumulate);
    return { name, engine, tables, feed, evaluate: made.evaluation(engine) };
  }

  const look = looker(rows, options.settle);
  async function next(signal: AbortSignal | undefined): Promise<Arrival | null> {
    let since = performance.now();
    for (;;) {
      if (signal?.aborted === true || met.done.length >= until) return null;
      const ended = await exists(join(rows.folder, endName));
      const done = new Set(met.done);
      const name = (await rows.partitions()).find((one) => !done.has(one));
      const found = name === undefined ? undefined : await look(name, open);
      if (found !== undefined && found !== null) return found;
      if (found === null && name !== undefined) {
        onNote?.(`${name} has no rows`);
        met = { ...met, done: [...met.done, name] };
        since = performance.now();
        continue;
      }
      if (name === undefined && (ended || performance.now() - since >= 1000 * idle)) return null;
      await pause(1000 * poll, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  }

  return {
    next,
    again: async () => (met.underWay === null ? null : open(met.underWay.name)),
    done() {
      if (met.underWay === null) return;
      // Of its own folders by their names alone: a run may be moved.
      const named = held?.named == null ? met.named : basename(held.named);
      met = { ...met, done: [...met.done, met.underWay.name], underWay: null, named };
    },
    state: () => structuredClone(met) as unknown as JsonObject,
    restore(state) {
      met = { ...nothing, ...(state as unknown as Partial<Met>) } as Met;
    },
    open: () => held,
    judged: () => met.underWay?.name ?? met.done.at(-1) ?? "",
    close() {
      held?.made.feed.close?.();
      held?.engine.dispose();
      held = null;
    },
  };
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Numbers of the rows are standardised by these measures. */
function measuredBy(set: PreparedSet, measures: NonNullable<Met["measures"]>): PreparedSet {
  const { impressions } = set;
  if (impressions?.streamed === undefined) return set;
  return { ...set, impressions: { ...impressions, streamed: { ...impressions.streamed, measures } } };
}

/** Removes prepared partitions that nothing goes on from any more. */
function sweep(work: string, kept: readonly string[]): void {
  for (const name of existsSync(work) ? readdirSync(work) : []) {
    if (name.startsWith("partition-") && !kept.includes(name)) rmSync(join(work, name), { recursive: true });
  }
}

/** Opens a partition; undefined while its file is not whole yet, which one that stays as it is for `settle` seconds never becomes. */
function looker(rows: Growing, settle: number) {
  let seen: { readonly what: string; readonly since: number } | undefined;
  return async <T>(name: string, open: (name: string) => Promise<T>): Promise<T | undefined> => {
    const found = await stat(join(rows.folder, name)).catch(() => undefined);
    if (found === undefined) return undefined;
    const what = `${name} ${found.size} ${found.mtimeMs}`;
    try {
      return await open(name);
    } catch (error) {
      if (!isGradpoolError(error) || error.code !== "damaged") throw error;
      if (seen?.what !== what) seen = { what, since: performance.now() };
      if (performance.now() - seen.since >= 1000 * settle) throw error;
      return undefined;
    }
  };
}

function requireSame(begun: Begun, found: Begun, folder: string): void {
  if (isDeepStrictEqual(begun, found)) return;
  throw new GradpoolError({
    code: "damaged",
    what: `the partition was begun with ${begun.rows} rows in ${begun.bytes} bytes, and has ${found.rows} in ${found.bytes}`,
    where: join(folder, begun.name),
    remedy: "put the file back as it was, and go on with --resume",
  });
}
