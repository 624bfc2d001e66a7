import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { GradpoolError } from "@gradpool/core";
import { removeLeftovers, sealed, writeWhole } from "@gradpool/files";
import { damaged, digestOf, type SweepFiles, sweepFromTexts } from "./read.js";
import type { Plan, Summary, TrialRecord } from "./types.js";

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

/**
 * Reads the results of a sweep. Errors: `not-found` if there are none; `version`; `damaged`, with file, line and field, if they are
 * not what a sweep writes, or not what this one wrote. Files that were not written by a sweep have no seals, and need none.
 */
export function readSweep(folder: string): SweepFiles {
  const texts = { summary: read(folder, names.summary), records: read(folder, names.records) };
  return sweepFromTexts(texts, (name) => join(folder, names[name]));
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
