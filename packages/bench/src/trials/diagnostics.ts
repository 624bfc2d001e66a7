import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DiagnosticPoint } from "@gradpool/runs";

/** More points than a figure has pixels for would only make the report heavy. */
const most = 240;

/** The diagnostics of a run, evenly thinned. Empty if it wrote none. */
export function readThinned(run: string): readonly DiagnosticPoint[] {
  const path = join(run, "diagnostics.jsonl");
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  const every = Math.ceil(lines.length / most);
  return lines.filter((_, k) => k % every === 0).map((line) => JSON.parse(line) as DiagnosticPoint);
}
