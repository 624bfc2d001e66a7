import { createHash } from "node:crypto";
import { GradpoolError } from "@gradpool/core";
import { unsealed } from "@gradpool/files";
import { checkRecord, checkSummary } from "./schema.js";
import type { Plan, Summary, TrialRecord } from "./types.js";

/** What a sweep's folder holds, as the report reads it. */
export interface SweepFiles {
  readonly plan: Plan;
  readonly summary: Summary;
  readonly records: readonly TrialRecord[];
}

/** The texts of `summary.json` and `results.jsonl`. */
export interface ResultTexts {
  readonly summary: string;
  readonly records: string;
}

/** The results of a sweep from the texts of its files, wherever they come from; checked as `readSweep` does. `place` names a file in errors. */
export function sweepFromTexts(
  { summary: summaryText, records: recordsText }: ResultTexts,
  place: (name: keyof ResultTexts) => string = (name) => (name === "summary" ? "summary.json" : "results.jsonl"),
): SweepFiles {
  const where = place("summary");
  const held = parse(where, summaryText);
  requireVersion(held, where);
  const { resultsSha256: digest, ...own } = whole(held as Summary & { readonly resultsSha256?: unknown }, where);
  const summary = checkSummary(own, where);
  const records = recordsText.split("\n").flatMap((line, k) => {
    const at = `${place("records")}, line ${k + 1}`;
    return line === "" ? [] : [checkRecord(whole(parse(at, line) as object, at), at)];
  });
  if (digest !== undefined && digest !== digestOf(records))
    throw damaged(place("records"), "it holds other trials than the summary beside it speaks of");
  return { plan: summary.plan, summary, records };
}

/** Of what trials measured, in their order, without what it cost: the same whenever and wherever they ran. */
export function digestOf(records: readonly TrialRecord[]): string {
  const measured = records.map((record) => ({ ...record, cost: null, environment: null }));
  return createHash("sha256").update(JSON.stringify(measured)).digest("hex");
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

export function damaged(where: string, what: string, cause?: unknown): GradpoolError {
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
