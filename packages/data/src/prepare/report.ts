import { given } from "@gradpool/core";
import type { BehaviorCounts, Manifest } from "../set/manifest.js";
import { record } from "../set/record.js";
import type { MalformedRow } from "../tables/malformed.js";

/** What a preparation found and made. */
export interface PrepareReport {
  readonly users: number;
  readonly items: number;
  readonly target: string;
  readonly behaviors: Readonly<Record<string, BehaviorCounts>>;
  /** Rows that could not be read. */
  readonly malformed: number;
  /** The first five of them. */
  readonly malformedRows: readonly MalformedRow[];
  /** Links between kept users. */
  readonly social?: number;
  /** Links between kept items, by kind. */
  readonly itemPairs?: Readonly<Record<string, number>>;
  readonly impressions?: NonNullable<Manifest["tables"]["impressions"]>;
  /** What the user should know: how times, headers and names were read, which target was taken and why. */
  readonly notes: readonly string[];
  readonly seconds: number;
  /** Largest resident memory of this process so far, MiB. */
  readonly peakRssMb: number;
}

/** The report of a set that took since `started`. */
export function reportOf(manifest: Manifest, notes: readonly string[], started: number): PrepareReport {
  const { users, items, target, behaviors, malformed, tables } = manifest;
  const itemPairs = tables.itemPairs.map(({ name, pairs }) => [name, pairs] as const);
  return {
    users,
    items,
    target,
    behaviors,
    malformed: malformed.count,
    malformedRows: malformed.first,
    ...given({
      social: tables.social?.pairs,
      itemPairs: itemPairs.length === 0 ? undefined : record(itemPairs),
      impressions: tables.impressions,
    }),
    notes,
    seconds: Math.round(performance.now() - started) / 1000,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}
