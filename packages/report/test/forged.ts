import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SweepFiles } from "@gradpool/bench";

/** Markup that asks, runs or navigates, of every kind that a field could be turned into. */
export const attacks: readonly string[] = [
  `</script><script>document.title="PWNED"</script>`,
  `"><img src=x onerror="document.title='PWNED'">`,
  `'><svg onload="document.title='PWNED'">`,
  `<meta http-equiv="refresh" content="0;url=https://example.org/left">`,
  `<iframe src="https://example.org/frame"></iframe><base href="https://example.org/">`,
  `<a href="javascript:document.title='PWNED'" autofocus onfocus="document.title='PWNED'">x</a>`,
  `" autofocus onfocus="document.title='PWNED'" style="background:url(https://example.org/style)`,
  `$'$\`$& "><script src="https://example.org/script"></script>`,
  `</style><style>@import "https://example.org/css";</style><link rel=stylesheet href=https://example.org/css>`,
  `</title></textarea></noscript><form action=https://example.org><button autofocus>x`,
  `<!--<script>`,
  `{{constructor.constructor("document.title='PWNED'")()}}`,
];

/** Where numbers and text stand in JSON. */
export type Path = readonly (string | number)[];

export function leaves(value: unknown, at: Path = []): readonly Path[] {
  if (Array.isArray(value)) return value.flatMap((one: unknown, k) => leaves(one, [...at, k]));
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([name, one]) => leaves(one, [...at, name]));
  return [at];
}

/** A copy with every leaf as `change` has it. */
export function mapped(value: unknown, change: (leaf: unknown, at: Path) => unknown, at: Path = []): unknown {
  if (Array.isArray(value)) return value.map((one: unknown, k) => mapped(one, change, [...at, k]));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapped(one, change, [...at, name])]));
  return change(value, at);
}

/** The words that a results file may not choose. */
const fixed = new Set(["status", "verdict", "stopped", "part", "metric", "strategy", "version"]);

/** Files whose every free text carries `attack`: what the schema lets through. Labels stay in step with each other. */
export function forgedText(files: SweepFiles, attack: string): SweepFiles {
  return mapped(files, (leaf, at) => {
    const name = at.findLast((part) => typeof part === "string") ?? "";
    const kept = typeof leaf !== "string" || fixed.has(String(name)) || String(name).endsWith("metrics");
    return kept ? leaf : `${leaf}${attack}`;
  }) as SweepFiles;
}

export function writeSweep(folder: string, { summary, records }: SweepFiles): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "summary.json"), JSON.stringify(summary));
  writeFileSync(join(folder, "results.jsonl"), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  return folder;
}
