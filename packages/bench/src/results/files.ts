import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { GradpoolError } from "@gradpool/core";
import { removeLeftovers, sealed, unsealed, writeWhole } from "@gradpool/files";
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
      writeWhole(path("records"), records.map((record) => `${JSON.stringify(sealed(record))}\n`).join(""));
      const whole = sealed({ ...summary, resultsSha256: digestOf(records) });
      writeWhole(path("summary"), `${JSON.stringify(whole, null, 2)}\n`);
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
  const folders = Object.values(names).filter((name) => isFolder(join(folder, name)));
  if (folders[0] !== undefined)
    throw refuse(`${folders[0]} is a folder`, "take it away, or choose another `out`: nothing is overwritten");
  const held = ownNames.filter((name) => existsSync(join(folder, name)));
  if (held.length === 0 || isPlan(join(folder, names.plan))) return;
  throw refuse(`${held[0]} is there, and is no comparison's`, "choose another `out`: nothing is overwritten");
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** A plan, damaged or not: begun by a comparison, and written again by the next one. */
function isPlan(path: string): boolean {
  return existsSync(path) && readFileSync(path, "utf8").includes('"contenders"');
}

/** Of what trials measured, in their order, without what it cost: the same whenever and wherever they ran. */
function digestOf(records: readonly TrialRecord[]): string {
  const measured = records.map((record) => ({ ...record, cost: null, environment: null }));
  return createHash("sha256").update(JSON.stringify(measured)).digest("hex");
}

/**
 * Reads the results of a sweep. Errors: `not-found` if there are none; `version`; `damaged`, with file, line and field, if they are
 * not what a sweep writes, or not what this one wrote. Files that were not written by a sweep have no seals, and need none.
 */
export function readSweep(folder: string): SweepFiles {
  const where = join(folder, names.summary);
  const held = parse(where, read(folder, names.summary));
  requireVersion(held, where);
  const { resultsSha256: digest, ...own } = whole(held as Summary & { readonly resultsSha256?: unknown }, where);
  const summary = checkSummary(own, where);
  const records = read(folder, names.records)
    .split("\n")
    .flatMap((line, k) => {
      const place = join(folder, `${names.records}, line ${k + 1}`);
      return line === "" ? [] : [checkRecord(whole(parse(place, line) as object, place), place)];
    });
  if (digest !== undefined && digest !== digestOf(records))
    throw damaged(join(folder, names.records), "it holds other trials than the summary beside it speaks of");
  return { plan: summary.plan, summary, records };
}

function read(folder: string, name: string): string {
  const path = join(folder, name);
  if (!existsSync(path)) {
    const remedy = "give the folder of a finished comparison";
    throw new GradpoolError({ code: "not-found", what: `no ${name}`, where: folder, remedy });
  }
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw damaged(path, "cannot be read", cause);
  }
}

function parse(where: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw damaged(where, "not JSON", cause);
  }
}

/** A document without its seal; what is no document is for the schema to refuse. */
function whole<T extends object>(held: T, where: string): T {
  if (typeof held !== "object" || held === null || Array.isArray(held)) return held;
  const { content, seal } = unsealed(held);
  if (seal === "broken") throw damaged(where, "its checksum does not match");
  return content;
}

function damaged(where: string, what: string, cause?: unknown): GradpoolError {
  const remedy = "run the bench again in its folder: finished trials are not repeated";
  return new GradpoolError({ code: "damaged", what, where, remedy, cause });
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
