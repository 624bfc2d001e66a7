import { hyphenated } from "@gradpool/runs";
import type { ContenderSummary, TrialSpec } from "../results/types.js";

const braced = /\{([^{}]+)\}/g;

/** What is swept, as it stands before a value is chosen: `metabalance(relax={relax})` is `metabalance(relax=…)`. */
export const elided = (text: string): string => text.replaceAll(braced, "…");

/** The value that a point has by a name as people write it, `weight-decay` or `weightDecay`. */
const valueAt = (point: TrialSpec["point"], name: string): number | string | undefined =>
  Object.entries(point).find(([known]) => known === name || hyphenated(known) === name)?.[1];

/**
 * The label as people read it once values are chosen. A recipe's own label says what it names, `MB {relax}` is `MB 0.7`; that of a swept
 * pool is the pool itself, `metabalance(relax=0.7)`. What is not chosen yet is an ellipsis.
 */
export function nameAt({ label, pool, point }: Pick<ContenderSummary, "label" | "pool" | "point">): string {
  const named = label.replaceAll(braced, (_, name: string) => String(valueAt(point, name) ?? "…"));
  return named === label && label.includes("…") && !pool.includes("{") ? pool : named;
}

/** Two contenders whose names would be one, such as of two sweeps that chose alike, say what of theirs they are. */
export function namesOf(rows: readonly Pick<ContenderSummary, "label" | "pool" | "point">[]): readonly string[] {
  const names = rows.map(nameAt);
  return rows.map(({ label, point }, k) => {
    const name = names[k] as string;
    if (names.indexOf(name) === names.lastIndexOf(name)) return name;
    const own = Object.entries(point).flatMap(([key, value]) => (label.includes(`{${key}}`) ? `${key}=${value}` : []));
    return own.length === 0 ? name : `${name}, ${own.join(" ")}`;
  });
}

/** The first name in braces of a label that the point has no value of, braces included. */
export const strangeName = (label: string, point: TrialSpec["point"]): string | undefined =>
  [...label.matchAll(braced)].find(([, name = ""]) => valueAt(point, name) === undefined)?.[0];
