import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { problem, throwIfAborted } from "../errors.js";
import { readers } from "../formats/index.js";
import { formatVersion, type Manifest } from "../manifest.js";
import { resolveOptions, type PrepareOptions } from "../options.js";
import type { Context, PrepareProgress, Staged } from "./context.js";
import { openDuck } from "./duck.js";
import { filterAndNumber, targetIndex } from "./filter.js";
import { writeImpressions } from "./impressions.js";
import { checkInvariants } from "./invariants.js";
import { createMalformedLog, type MalformedRow } from "./malformed.js";
import { createOutput, slug } from "./output.js";
import { chooseSplit, makePairs, type BehaviorCounts } from "./pairs.js";
import { writeBehavior, writeFeature, writeLinks } from "./sides.js";
import { intoFolder } from "./publish.js";
import { digest, type SourceFile } from "./sources.js";

export interface PrepareHooks {
  readonly onProgress?: (progress: PrepareProgress) => void;
  /** Stops the work; everything written so far is removed and the error has code `interrupted`. */
  readonly signal?: AbortSignal;
}

/** What `gradpool prepare` prints. */
export interface PrepareReport {
  readonly users: number;
  readonly items: number;
  readonly target: string;
  readonly behaviors: Readonly<Record<string, BehaviorCounts>>;
  /** Rows that could not be read. */
  readonly malformed: number;
  /** The first five of them. */
  readonly malformedRows: readonly MalformedRow[];
  /** Links between kept users. */
  readonly social?: number;
  /** Links between kept items, by kind. */
  readonly itemPairs?: Readonly<Record<string, number>>;
  readonly impressions?: NonNullable<Manifest["tables"]["impressions"]>;
  readonly seconds: number;
  /** Largest resident memory of this process so far, MiB. */
  readonly peakRssMb: number;
}

/** Everything between the staged tables and the manifest. */
async function build(
  context: Context,
  staged: Staged,
  folder: string,
  sources: readonly SourceFile[],
): Promise<Manifest> {
  const { db, resolved, malformed } = context;
  const target = targetIndex(staged, resolved.target);
  const split = chooseSplit(resolved.split, staged);
  await filterAndNumber(context, staged, target);
  const behaviors = await makePairs(context, staged, target, split);
  const output = createOutput(context, folder);
  const users = await output.write("users.parquet", "SELECT id, CAST(key AS VARCHAR) AS key FROM users ORDER BY id");
  const items = await output.write("items.parquet", "SELECT id, CAST(key AS VARCHAR) AS key FROM items ORDER BY id");
  const written = [];
  for (const index of staged.behaviors.keys()) {
    written.push(await writeBehavior(context, output, staged, index, index === target));
  }
  const features = [];
  for (const feature of staged.features ?? []) features.push(await writeFeature(context, output, feature));
  const shown =
    staged.impressions && (await writeImpressions(context, output, staged, staged.impressions, target, split));
  const social = staged.social && (await writeLinks(output, "users", staged.social, "social.parquet"));
  const itemPairs = [];
  for (const { name, relation } of staged.itemPairs ?? []) {
    const file = `item-pairs.${slug(name)}.parquet`;
    itemPairs.push({ name, file, pairs: await writeLinks(output, "items", relation, file) });
  }
  const { split: _split, seed, target: _target, ...options } = resolved;
  const manifest = {
    format: "gradpool-data",
    version: formatVersion,
    sources,
    options,
    split,
    seed,
    target: staged.behaviors[target] as string,
    users,
    items,
    behaviors,
    malformed: { count: malformed.count, first: malformed.first },
    tables: {
      users: "users.parquet",
      items: "items.parquet",
      behaviors: written,
      ...(social === undefined ? {} : { social: { file: "social.parquet", pairs: social as number } }),
      itemPairs,
      features: [...features, ...(shown?.features ?? [])],
      ...(staged.category === undefined ? {} : { category: staged.category }),
      ...(shown ? { impressions: shown.impressions } : {}),
    },
  } as const satisfies Omit<Manifest, "files">;
  await checkInvariants(context, output, manifest);
  await db.run("CHECKPOINT");
  return { ...manifest, files: output.files };
}

/**
 * Turns the files people have into a prepared set: unique pairs per behaviour, filtered, split, free of leakage, as
 * Parquet with a manifest. The set is made in a temporary folder next to `out` and renamed when whole.
 *
 * @throws GradpoolError: code `usage` for a wrong request; `not-found`, `invalid-input`, `damaged` for the input;
 * `interrupted`; `failed` for everything else.
 */
export async function prepare(options: PrepareOptions, hooks: PrepareHooks = {}): Promise<PrepareReport> {
  const started = performance.now();
  const resolved = resolveOptions(options);
  const out = resolve(options.out);
  if (resolved.split && (options.valid !== undefined || options.test !== undefined)) {
    throw problem(
      "usage",
      "the data's own parts and a split are asked for",
      "--split",
      "give --valid and --test, or --split",
    );
  }
  throwIfAborted(hooks.signal);
  const manifest = await intoFolder(out, options.force ?? false, async (work) => {
    const made = await prepareInto(work, options, resolved, hooks);
    throwIfAborted(hooks.signal);
    await writeFile(`${work}/set/manifest.json`, `${JSON.stringify(made, null, 2)}\n`);
    return made;
  });
  return report(manifest, started);
}

async function prepareInto(
  work: string,
  options: PrepareOptions,
  resolved: Context["resolved"],
  hooks: PrepareHooks,
): Promise<Manifest> {
  const { signal, onProgress } = hooks;
  let current: PrepareProgress = { stage: "read", detail: "" };
  const db = await openDuck({
    path: `${work}/stage.duckdb`,
    spill: `${work}/spill`,
    threads: options.threads ?? 2,
    memory: options.memory ?? "2GB",
    signal,
    onProgress:
      onProgress &&
      ((percentage) => {
        if (percentage > 0) onProgress({ ...current, fraction: percentage / 100 });
      }),
  });
  // A source is hashed while DuckDB reads it: the file comes from the disk once.
  const digests = new Map<string, Promise<SourceFile | { error: unknown }>>();
  let fresh = 0;
  const context: Context = {
    db,
    folder: work,
    options,
    resolved,
    malformed: createMalformedLog(),
    signal,
    source(path) {
      if (!digests.has(path))
        digests.set(
          path,
          digest(path, signal).catch((error: unknown) => ({ error })),
        );
      return path;
    },
    progress(stage, detail) {
      current = { stage, detail };
      onProgress?.(current);
    },
    fresh: (prefix) => `${prefix}_${fresh++}`,
  };
  const settle = async (): Promise<SourceFile[]> => {
    const found = await Promise.all(digests.values());
    return found.map((entry) => {
      if ("error" in entry) throw entry.error;
      return entry;
    });
  };
  try {
    const staged = await readers[options.format](context).catch(async (error: unknown) => {
      await settle();
      throw error;
    });
    const sources = await settle();
    context.malformed.check(options.strict ?? false);
    await mkdir(`${work}/set`);
    return await build(context, staged, `${work}/set`, sources);
  } finally {
    await Promise.allSettled(digests.values());
    db.close();
  }
}

function report(manifest: Manifest, started: number): PrepareReport {
  const { users, items, target, behaviors, malformed, tables } = manifest;
  return {
    users,
    items,
    target,
    behaviors,
    malformed: malformed.count,
    malformedRows: malformed.first,
    ...(tables.social ? { social: tables.social.pairs } : {}),
    ...(tables.itemPairs.length === 0
      ? {}
      : { itemPairs: Object.fromEntries(tables.itemPairs.map(({ name, pairs }) => [name, pairs])) }),
    ...(tables.impressions ? { impressions: tables.impressions } : {}),
    seconds: Math.round(performance.now() - started) / 1000,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}
