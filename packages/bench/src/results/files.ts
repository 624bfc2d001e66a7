import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { GradpoolError } from "@gradpool/core";
import { removeLeftovers, writeWhole } from "@gradpool/files";
import { checkRecord, checkSummary } from "./schema.js";
import type { Plan, Summary, TrialRecord } from "./types.js";

/** What a sweep's folder holds, as the report reads it. */
export interface SweepFiles {
  readonly plan: Plan;
  readonly summary: Summary;
  readonly records: readonly TrialRecord[];
}

const names = { plan: "plan.json", records: "results.jsonl", summary: "summary.json" } as const;

/** What a comparison writes beside its report; nothing else in its folder is touched. */
const ownNames: readonly string[] = [...Object.values(names), "trials"];

/** Where the files of a sweep are. `begin` and `end` want the folder locked. */
export function sweepFolder(folder: string) {
  const path = (name: keyof typeof names): string => join(folder, names[name]);
  return {
    trial: (id: string): string => join(folder, "trials", id),
    begin(plan: Plan): void {
      removeLeftovers(folder, ownNames);
      const text = `${JSON.stringify(plan, null, 2)}\n`;
      if (existsSync(path("plan")) && readFileSync(path("plan"), "utf8") === text) return;
      writeWhole(path("plan"), text);
    },
    end(records: readonly TrialRecord[], summary: Summary): void {
      // A summary speaks of the records beside it: killed between the two, there is none, and the next run writes both.
      rmSync(path("summary"), { force: true });
      writeWhole(path("records"), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
      writeWhole(path("summary"), `${JSON.stringify(summary, null, 2)}\n`);
    },
  };
}

/** Refuses a folder in which a comparison would write over what is not a comparison's. Code `invalid-input`. */
export function requireOwn(folder: string): void {
  const refuse = (what: string, remedy: string): GradpoolError =>
    new GradpoolError({ code: "invalid-input", what, where: folder, remedy });
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) throw refuse("a file is there", "give a folder as `out`");
  const held = ownNames.filter((name) => existsSync(join(folder, name)));
  if (held.length === 0 || isPlan(join(folder, names.plan))) return;
  throw refuse(`${held[0]} is there, and is no comparison's`, "choose another `out`: nothing is overwritten");
}

/** A plan, damaged or not: begun by a comparison, and written again by the next one. */
function isPlan(path: string): boolean {
  return existsSync(path) && readFileSync(path, "utf8").includes('"contenders"');
}

/**
 * Reads the results of a sweep. Errors: `not-found` if there are none; `version`; `damaged`, with file, line and field, if they are
 * not what a sweep writes.
 */
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
  const parse = (name: string, text: string): unknown => {
    try {
      return JSON.parse(text) as unknown;
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
  const held = parse("summary.json", read("summary.json"));
  requireVersion(held, join(folder, "summary.json"));
  const summary = checkSummary(held, join(folder, "summary.json"));
  const records = read("results.jsonl")
    .split("\n")
    .flatMap((line, k) => {
      const where = `results.jsonl, line ${k + 1}`;
      return line === "" ? [] : [checkRecord(parse(where, line), join(folder, where))];
    });
  return { plan: summary.plan, summary, records };
}

function requireVersion(held: unknown, where: string): void {
  const version: unknown = typeof held === "object" && held !== null && "version" in held ? held.version : undefined;
  if (version === 1) return;
  throw new GradpoolError({
    code: "version",
    what: `summary has version ${String(JSON.stringify(version))}`,
    where,
    remedy: "this release reads version 1: use the release that wrote it",
  });
}
