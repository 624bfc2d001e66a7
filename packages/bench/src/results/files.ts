import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GradpoolError } from "@gradpool/core";
import { writeWhole } from "@gradpool/runs";
import type { Plan, Summary, TrialRecord } from "./types.js";

/** What a sweep's folder holds, as the report reads it. */
export interface SweepFiles {
  readonly plan: Plan;
  readonly summary: Summary;
  readonly records: readonly TrialRecord[];
}

/** Where the files of a sweep are. */
export function sweepFolder(folder: string) {
  mkdirSync(join(folder, "trials"), { recursive: true });
  return {
    trial: (id: string): string => join(folder, "trials", id),
    writePlan: (plan: Plan): void => writeWhole(join(folder, "plan.json"), `${JSON.stringify(plan, null, 2)}\n`),
    writeRecords: (records: readonly TrialRecord[]): void =>
      writeWhole(join(folder, "results.jsonl"), records.map((record) => `${JSON.stringify(record)}\n`).join("")),
    writeSummary: (summary: Summary): void =>
      writeWhole(join(folder, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`),
  };
}

/** Reads the results of a sweep. Error `not-found` if there are none, `damaged` if they are not what a sweep writes. */
export function readSweep(folder: string): SweepFiles {
  const read = (name: string): string => {
    const path = join(folder, name);
    if (!existsSync(path)) {
      throw new GradpoolError({
        code: "not-found",
        what: `no ${name}`,
        where: folder,
        remedy: "give the folder of a finished comparison",
      });
    }
    return readFileSync(path, "utf8");
  };
  const parse = <T>(name: string, text: string): T => {
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new GradpoolError({
        code: "damaged",
        what: "not JSON",
        where: join(folder, name),
        remedy: "run the bench again: finished trials are not repeated",
        cause,
      });
    }
  };
  const summary = parse<Summary>("summary.json", read("summary.json"));
  if (summary.version !== 1) {
    throw new GradpoolError({
      code: "version",
      what: `summary has version ${String(summary.version)}`,
      where: join(folder, "summary.json"),
      remedy: "this release reads version 1: use the release that wrote it",
    });
  }
  const records = read("results.jsonl")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => parse<TrialRecord>("results.jsonl", line));
  return { plan: summary.plan, summary, records };
}
