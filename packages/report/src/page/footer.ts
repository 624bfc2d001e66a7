import { markup, type Html } from "../drawing/html.js";
import type { Source } from "../source/sources.js";

/** Where and with what it was run, and what the numbers mean. */
export function footer({ records }: Source): Html {
  const names = [...new Set(records.flatMap(({ environment }) => Object.keys(environment)))];
  const values = (name: string): string =>
    [...new Set(records.flatMap(({ environment }) => environment[name] ?? []))].join(" · ");
  const pairs = names.map((name) => markup`<dt>${name}</dt><dd>${values(name)}</dd>`);
  return markup`<p>Means are over seeds of the test metrics at the epoch with the best validation metric. Intervals: Student’s t, 95 %. Tests: paired t over seeds, two-sided, Holm-corrected over the pools of a metric. Rank: mean over the metrics. QPS drop: 1 − samples per second / the baseline’s. NE gain: the baseline’s normalized entropy minus the pool’s. RI: mean over tasks of metric / single-task metric − 1.</p>${pairs.length === 0 ? "" : markup`<dl>${pairs}</dl>`}`;
}
