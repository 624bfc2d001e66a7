import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { GradpoolError } from "@gradpool/core";
import { type DiagnosticPoint, type LogLength, pathsOf, readResult } from "@gradpool/runs";
import type { TrialRecord, TrialSpec } from "../results/types.js";

/** More points than a figure has pixels for would only make the report heavy. */
const most = 240;

/** The record of a trial that has ended; null if it has not. Error `damaged` if its files are not what the trial wrote. */
export function readFinished(out: string, trial: TrialSpec): TrialRecord | null {
  const file = readResult(out);
  if (file === null || file.result.stopped === "interrupted") return null;
  const { config, result, cost, environment, logs } = file;
  // The same data may have been elsewhere.
  if (!isDeepStrictEqual({ ...config, data: "" }, { ...trial.config, data: "" }))
    throw damaged(pathsOf(out).result, "it is the result of another configuration");
  const diagnostics = readThinned(pathsOf(out).diagnostics, logs.diagnostics);
  return { ...trial, status: "ok", result, cost, environment, diagnostics };
}

/** The diagnostics of a run, evenly thinned. Empty if it wrote none. */
function readThinned(path: string, { bytes, sha256 }: LogLength): readonly DiagnosticPoint[] {
  if (bytes === 0) return [];
  const held = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  if (createHash("sha256").update(held).digest("hex") !== sha256) throw damaged(path, "its checksum does not match");
  const lines = held.toString().trimEnd().split("\n");
  const every = Math.ceil(lines.length / most);
  return lines.filter((_, k) => k % every === 0).map((line) => JSON.parse(line) as DiagnosticPoint);
}

const damaged = (where: string, what: string): GradpoolError =>
  new GradpoolError({ code: "damaged", what, where, remedy: "run the bench again" });
