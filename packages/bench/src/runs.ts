import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { GradpoolError } from "@gradpool/core";
import {
  defaultConfig,
  monitorOf,
  pathsOf,
  readConfig,
  readResult,
  type RecordedEntry,
  type RunResult,
  type TrainConfig,
} from "@gradpool/runs";
import type { SweepFiles } from "./results/read.js";
import type { Contender, Plan, TrialRecord } from "./results/types.js";
import { summarizeSweep } from "./statistics/summarize.js";
import { thinned } from "./trials/finished.js";

/** A run's folder as it stands. */
interface Held {
  readonly folder: string;
  readonly config: TrainConfig;
  /** Of its data; null before it has ended. */
  readonly dataHash: string | null;
  readonly record: Omit<TrialRecord, "label">;
  /** Where it has not ended, what is to be said. */
  readonly note?: string;
}

/**
 * Runs as a comparison that was never planned: what differs in the seed alone is one contender. Runs that have not ended say so, and
 * what they have come to. Errors: `not-found` for a folder that holds no run, `invalid-input` for runs of different data.
 */
export function readRuns(folders: readonly string[]): SweepFiles {
  const runs = [...new Map(folders.map((folder) => [realOf(folder), readRun(folder)])).values()];
  requireSameData(runs);
  const groups = grouped(runs);
  const names = namesOf(groups);
  const first = (runs[0] as Held).config;
  const contenders = groups.map((group, k): Contender => {
    const { config } = group[0] as Held;
    return { label: names[k] as string, pool: config.pool, overrides: differing(first, config) };
  });
  const records = groups.flatMap((group, k) =>
    group.map(({ record }): TrialRecord => ({ ...record, label: names[k] as string })),
  );
  const plan: Plan = {
    name: "runs",
    title: groups.length > 3 ? `${groups.length} trained models` : names.join(", "),
    description: descriptionOf(runs),
    base: first,
    contenders,
    grid: {},
    seeds: [...new Set(runs.map(({ config }) => config.seed))].sort((a, b) => a - b),
    tuningSeeds: [first.seed],
    baseline: names[0] as string,
    published: [],
    single: {},
  };
  // Nobody asked whether several tasks help: no run is there for that.
  const { premises: _, ...summary } = summarizeSweep(plan, records);
  const notes = runs.flatMap(({ note }) => note ?? []);
  // Seeds that another one had are no failures.
  const rows = summary.contenders.map((row) => ({ ...row, failed: 0 }));
  return { plan, summary: { ...summary, contenders: rows, notes: [...notes, ...summary.notes] }, records };
}

/** Whether a folder is a run's, begun or ended, and not a bench's. */
export const isRun = (folder: string): boolean =>
  existsSync(pathsOf(folder).config) && !existsSync(join(folder, "plan.json"));

const realOf = (folder: string): string => (existsSync(folder) ? realpathSync(folder) : resolve(folder));

function readRun(folder: string): Held {
  if (!isRun(folder)) {
    const remedy = "give folders of runs, or one of a bench";
    throw new GradpoolError({ code: "not-found", what: "there is no run", where: folder, remedy });
  }
  const paths = pathsOf(folder);
  const file = readResult(folder);
  const config = file?.config ?? { ...defaultConfig, ...readConfig(paths.config) };
  const diagnostics = thinned(linesOf(paths.diagnostics));
  const shared = { id: basename(resolve(folder)), point: {}, config, status: "ok", diagnostics } as const;
  if (file !== null && file.result.stopped !== "interrupted") {
    const { result, cost, environment, dataHash } = file;
    return { folder, config, dataHash, record: { ...shared, result, cost, environment } };
  }
  const result = file?.result ?? soFar(config, linesOf(paths.metrics));
  const last = result.history.at(-1)?.epoch ?? 0;
  const said = file === null ? "has not ended" : "was interrupted";
  const note = `${shared.id} ${said}: ${last} of ${config.epochs} epochs are judged, and nothing is tested; all of this may change`;
  const environment = file?.environment ?? {};
  return { folder, config, dataHash: file?.dataHash ?? null, record: { ...shared, result, environment }, note };
}

/** What a run's own log says of it while it goes on. */
function soFar(config: TrainConfig, lines: readonly string[]): RunResult {
  const events = lines.map((line) => JSON.parse(line) as Partial<LogLine>);
  const history: RecordedEntry[] = [];
  for (const { epoch, step, valid } of events) {
    if (valid === undefined || epoch === undefined || step === undefined) continue;
    const losses = events.find((one) => one.epoch === epoch && one.losses !== undefined)?.losses ?? {};
    const entry: RecordedEntry = {
      epoch,
      step,
      losses: config.tasks.map((task) => losses[task] ?? null),
      metrics: valid,
    };
    history.push(entry);
  }
  const leaders = monitorOf(config).leaders(history.map(({ metrics }) => metrics));
  const best = history[leaders.at(-1) ?? -1];
  return {
    best: best?.metrics ?? null,
    bestEpoch: best?.epoch ?? null,
    test: null,
    history,
    steps: events.at(-1)?.step ?? 0,
    samples: 0,
    skipped: 0,
    stopped: "interrupted",
  };
}

interface LogLine {
  readonly epoch: number;
  readonly step: number;
  readonly losses: Readonly<Record<string, number | null>>;
  readonly valid: RecordedEntry["metrics"];
}

/** The whole lines of a log; the last one may be half written. */
function linesOf(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const held = readFileSync(path, "utf8");
  return held
    .slice(0, held.lastIndexOf("\n") + 1)
    .split("\n")
    .filter(Boolean);
}

function requireSameData(runs: readonly Held[]): void {
  const known = runs.filter(({ dataHash }) => dataHash !== null);
  const other = known.find(({ dataHash }) => dataHash !== known[0]?.dataHash);
  if (other === undefined) return;
  throw new GradpoolError({
    code: "invalid-input",
    what: "the runs were trained on different data",
    where: `${known[0]?.folder}, ${other.folder}`,
    remedy: "report runs of one data set together",
  });
}

const withoutSeed = (config: TrainConfig): TrainConfig => ({ ...config, seed: 0, data: "" });

/** Runs that differ in their seeds, in the order in which they were named. */
function grouped(runs: readonly Held[]): readonly (readonly Held[])[] {
  const groups: Held[][] = [];
  for (const run of runs) {
    const own = groups.find(
      (group) =>
        isDeepStrictEqual(withoutSeed((group[0] as Held).config), withoutSeed(run.config)) &&
        group.every(({ config }) => config.seed !== run.config.seed),
    );
    if (own === undefined) groups.push([run]);
    else own.push(run);
  }
  return groups;
}

/** By their folders: of seeds what these have in common. */
function namesOf(groups: readonly (readonly Held[])[]): readonly string[] {
  const short = groups.map((group) => commonStart(group.map(({ record }) => record.id)));
  const isUnique = (name: string): boolean => short.filter((other) => other === name).length === 1;
  const paths = groups.map(([run]) => resolve((run as Held).folder));
  const long = paths.map((path) => `${basename(dirname(path))}/${basename(path)}`);
  return short.map((name, k) => {
    if (name !== "" && isUnique(name)) return name;
    const other = long[k] as string;
    return long.filter((one) => one === other).length === 1 ? other : (paths[k] as string);
  });
}

function commonStart([first = "", ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  return others.length === 0 ? first : first.slice(0, length).replace(/[-_.]?(seed)?[-_.=]?$/i, "");
}

function differing(base: TrainConfig, config: TrainConfig): Partial<TrainConfig> {
  const entries = Object.entries(config).filter(
    ([name, value]) => name !== "seed" && name !== "pool" && !isDeepStrictEqual(base[name as keyof TrainConfig], value),
  );
  return Object.fromEntries(entries);
}

function descriptionOf(runs: readonly Held[]): string {
  const ended = runs.filter(({ note }) => note === undefined).length;
  if (runs.length === 1) return ended === 1 ? "One run, as it ended." : "One run, as far as it has come.";
  const some = ended === runs.length ? "" : `, ${ended === 0 ? "none" : ended} of them ended`;
  return `${runs.length} runs${some}. They were not planned as a comparison: what differs between them may be more than the pool.`;
}
