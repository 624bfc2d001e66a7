/** Runs of what others published: run folders, or a file of measured values, become seeds of a reference. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { references, shortened } from "./store.mjs";

/** One seed of a `train` run: test metrics at the best epoch, what it cost, and where. */
function fromRun(folder, metrics) {
  const { config, result, cost, environment } = JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));
  if (result.test === null) throw new Error(`${folder} has no test metrics (results): let the run end first`);
  if (result.stopped === "interrupted") throw new Error(`${folder} was interrupted (results): resume it first`);
  return {
    seed: config.seed,
    values: Object.fromEntries(metrics.map((metric) => [metric, valueOf(result.test, metric, folder)])),
    bestEpoch: result.bestEpoch,
    epochs: result.history.at(-1)?.epoch ?? null,
    wallSeconds: Math.round(cost.wallSeconds),
    environment,
  };
}

function valueOf(test, metric, folder) {
  if (test[metric] === undefined) throw new Error(`${folder} has no ${metric} (results): it has ${Object.keys(test)}`);
  return test[metric];
}

/** `paths`: run folders, or JSON files `[{ seed, values, … }]`. They take the place of the seeds of the same number. */
export function withRuns(id, paths) {
  const all = references();
  const entry = all.entries.find((one) => one.id === id);
  if (entry === undefined)
    throw new Error(`there is no reference ${id} (results): ${all.entries.map((one) => one.id)}`);
  const metrics = Object.keys(entry.published);
  const added = paths.flatMap((path) =>
    existsSync(join(path, "result.json")) ? [fromRun(path, metrics)] : JSON.parse(readFileSync(path, "utf8")),
  );
  const seeds = new Set(added.map(({ seed }) => seed));
  const runs = [...(entry.runs ?? []).filter(({ seed }) => !seeds.has(seed)), ...added].sort((a, b) => a.seed - b.seed);
  return { ...all, entries: all.entries.map((one) => (one === entry ? { ...one, runs: shortened(runs) } : one)) };
}
