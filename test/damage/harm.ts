/** What disks, editors and people do to files. */
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isGradpoolError } from "@gradpool/core";

/** Does one thing to the file at `path`; `other` is the same file of another set or run, where there is one. */
type Harm = (path: string, other: string) => void;

const flipped =
  (at: number): Harm =>
  (path) => {
    const bytes = readFileSync(path);
    const place = Math.min(bytes.length - 1, Math.floor(bytes.length * at));
    bytes[place] = (bytes[place] as number) ^ 1;
    writeFileSync(path, bytes);
  };

const harms: Readonly<Record<string, Harm>> = {
  "cut in the middle": (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  "full of zeros": (path) => writeFileSync(path, Buffer.alloc(statSync(path).size)),
  "with one other bit": flipped(0.5),
  "with one other bit near the end": flipped(0.97),
  empty: (path) => truncateSync(path),
  "another's": (path, other) => copyFileSync(other, path),
  "no JSON": (path) => writeFileSync(path, '{"version": 1, '),
  "JSON of another kind": (path) => writeFileSync(path, '[null, {"version": 1}]\n'),
  missing: (path) => rmSync(path),
  "a folder": (path) => {
    rmSync(path);
    mkdirSync(path);
  },
};

/** All that can happen to a file of this name: text can also be other text. */
export const harmsOf = (name: string): readonly (readonly [string, Harm])[] =>
  Object.entries(harms).filter(([word]) => !word.includes("JSON") || /\.jsonl?$/.test(name));

/** Every file below a folder, by its path in it. */
export const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? join(entry.parentPath, entry.name).slice(folder.length + 1) : []))
    .sort();

export type Outcome = "the same" | "one line" | string;

/** How something ended after a harm: with what it gives without one, with one clear line, or as it must not. */
export async function outcomeOf(work: () => Promise<unknown>, whole: unknown): Promise<Outcome> {
  try {
    const found = JSON.stringify(await work());
    return found === JSON.stringify(whole) ? "the same" : `another result: ${found}`;
  } catch (error) {
    if (!isGradpoolError(error)) return `an internal error: ${(error as Error).stack}`;
    return error.message.includes("\n") ? `more than a line: ${error.message}` : "one line";
  }
}

/** DAMAGE=all: every harm to every file. Otherwise every tenth, beginning with another one for each file. */
export const chosen = <T>(cases: readonly T[]): readonly T[] =>
  process.env["DAMAGE"] === "all" ? cases : cases.filter((_, k) => k % 11 === 3);

/** How many ended how, and all that should not have ended as they did. */
export function tally(outcomes: ReadonlyMap<string, Outcome>): {
  readonly told: string;
  readonly bad: readonly string[];
} {
  const count = (outcome: string): number => [...outcomes.values()].filter((one) => one === outcome).length;
  const bad = [...outcomes]
    .filter(([, outcome]) => !["the same", "one line"].includes(outcome))
    .map((pair) => pair.join(": "));
  return { told: `${outcomes.size} harms: ${count("the same")} the same, ${count("one line")} one line`, bad };
}
