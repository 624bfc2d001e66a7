/** What must not depend on kills, and what may never stand under its own name: half of a file. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { readSnapshot } from "@gradpool/trainer";

const hash = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");

/** Every file at a path or below it. */
function filesOf(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? join(entry.parentPath, entry.name) : [])).sort();
}

/** Every file by its name in the folder, or that of the file: hashes, weights without times, results without costs. */
export function bitsOf(path: string): Readonly<Record<string, string>> {
  const bits: Record<string, string> = {};
  for (const file of filesOf(path)) {
    // The older of two newest checkpoints may be from another moment.
    if (basename(file) !== "previous.gradpool") bits[file.slice(path.length)] = stable(file);
  }
  return bits;
}

function stable(path: string): string {
  const name = basename(path);
  if (/^(newest|best)\.gradpool$/.test(name)) {
    const { arrays } = readSnapshot(path);
    return hash([...arrays].map(([key, array]) => `${key} ${hash(Buffer.from(array.buffer as ArrayBuffer))}`).join());
  }
  const bytes = readFileSync(path);
  if (name === "result.json") {
    const { result, config, dataHash } = JSON.parse(bytes.toString()) as Record<string, unknown>;
    return hash(JSON.stringify([result, config, dataHash]));
  }
  if (name === "metrics.jsonl") return hash(bytes.toString().replaceAll(/,"time":"[^"]*"/g, ""));
  // Costs differ, and the report shows them.
  if (name === "results.jsonl" || name === "report.html") return "there";
  return hash(bytes);
}

const whole: Readonly<Record<string, (bytes: Buffer, path: string) => unknown>> = {
  ".json": (bytes) => JSON.parse(bytes.toString()),
  ".gradpool": (_, path) => readSnapshot(path),
  ".parquet": (bytes) => ends(bytes, "PAR1"),
  ".html": (bytes) => ends(bytes, "</html>\n"),
  ".csv": (bytes) => ends(bytes, "\n"),
};

function ends(bytes: Buffer, end: string): void {
  if (bytes.subarray(-end.length).toString("latin1") !== end) throw new Error("it ends early");
}

/** What is being written: in a hidden folder, or under a name of its own. */
const unfinished = /(^|\/)\.|\.tmp(\/|\.|$)/;

/** Files that are not whole, though they have the names that users read. */
export function halfWritten(path: string): readonly string[] {
  return filesOf(path).filter((file) => {
    if (unfinished.test(file)) return false;
    const check = Object.entries(whole).find(([ending]) => file.endsWith(ending))?.[1];
    try {
      check?.(readFileSync(file), file);
      return false;
    } catch {
      return true;
    }
  });
}
