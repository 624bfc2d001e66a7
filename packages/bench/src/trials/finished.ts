import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { GradpoolError } from "@gradpool/core";
import { type DiagnosticPoint, type LogLength, monitorOf, pathsOf, readResult, type RunFile } from "@gradpool/runs";
import type { TrialRecord, TrialSpec } from "../results/types.js";

/** More points than a figure has pixels for would only make the report heavy. */
const most = 240;

/** The record of a trial that has ended; null if it has not. Error `damaged` if its files are not what the trial wrote. */
export function readFinished(out: string, trial: TrialSpec): TrialRecord | null {
  const file = readResult(out);
  if (file === null) return null;
  if (trial.folder !== undefined) return readStage(file, out, trial);
  if (file.result.stopped === "interrupted" || file.config.epochs < trial.config.epochs) return null;
  const { config, result, cost, environment, logs } = file;
  // The same data may have been elsewhere.
  if (!isDeepStrictEqual({ ...config, data: "" }, { ...trial.config, data: "" }))
    throw damaged(pathsOf(out).result, "it is the result of another configuration");
  // Not read here, but the trial's: what is left of it is passed on whole or not at all.
  readLog(pathsOf(out).metrics, logs.metrics);
  const diagnostics = thinned(readLog(pathsOf(out).diagnostics, logs.diagnostics));
  return { ...trial, status: "ok", result, cost, environment, diagnostics };
}

/**
 * The record of a trial that is the beginning of a longer one, which may have gone on since: what it came to by its last epoch, as it was
 * and as nothing after it can change. Tests and figures are the whole trial's.
 */
function readStage({ config, result, environment }: RunFile, out: string, trial: TrialSpec): TrialRecord | null {
  const { epochs } = trial.config;
  const own = { data: "", epochs: 0, patience: null };
  if (!isDeepStrictEqual({ ...config, ...own }, { ...trial.config, ...own }))
    throw damaged(pathsOf(out).result, "it is the result of another configuration");
  const history = result.history.filter(({ epoch }) => epoch <= epochs);
  const last = history.at(-1)?.epoch ?? 0;
  if (last < epochs && !(result.stopped === "patience" && last === result.history.at(-1)?.epoch)) return null;
  const leaders = monitorOf(config).leaders(history.map(({ metrics }) => metrics));
  const best = history[leaders.at(-1) ?? -1];
  const steps = history.at(-1)?.step ?? 0;
  return {
    ...trial,
    status: "ok",
    result: {
      best: best?.metrics ?? null,
      bestEpoch: best?.epoch ?? null,
      test: null,
      history,
      steps,
      samples: Math.round((result.samples * steps) / Math.max(1, result.steps)),
      skipped: 0,
      stopped: last < epochs ? "patience" : "epochs",
    },
    environment,
  };
}

/** The lines that a run wrote, which must be all that is there. */
function readLog(path: string, { bytes, sha256 }: LogLength): readonly string[] {
  if (bytes === 0 && !existsSync(path)) return [];
  let held: Buffer;
  try {
    held = readFileSync(path);
  } catch (cause) {
    throw damaged(path, "it cannot be read", cause);
  }
  if (createHash("sha256").update(held).digest("hex") !== sha256) throw damaged(path, "its checksum does not match");
  const text = held.toString().trimEnd();
  return text === "" ? [] : text.split("\n");
}

/** Diagnostics, evenly thinned. */
export function thinned(lines: readonly string[]): readonly DiagnosticPoint[] {
  const every = Math.ceil(lines.length / most);
  return lines.filter((_, k) => k % every === 0).map((line) => JSON.parse(line) as DiagnosticPoint);
}

const damaged = (where: string, what: string, cause?: unknown): GradpoolError =>
  new GradpoolError({ code: "damaged", what, where, remedy: "run the bench again", cause });
