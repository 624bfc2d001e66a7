import { given } from "@gradpool/core";
import type { BehaviorCounts, PrepareReport } from "@gradpool/data";
import { table } from "../terminal/table.js";

const figure = (value: number): string => value.toLocaleString("en-US");

function row(name: string, counts: BehaviorCounts): string[] {
  const leaked = "leaked" in counts ? figure(counts.leaked) : "";
  const [valid, test] = "leaked" in counts ? ["", ""] : [figure(counts.valid), figure(counts.test)];
  return [name, figure(counts.raw), figure(counts.pairs), leaked, figure(counts.train), valid, test];
}

/** What a prepared set holds, and where it is. */
export function preparedSummary(report: PrepareReport, out: string): string {
  const behaviors = Object.entries(report.behaviors).map(([name, counts]) => row(name, counts));
  const links = Object.entries({
    ...given({ social: report.social }),
    ...report.itemPairs,
  });
  const shown = report.impressions;
  return [
    `${figure(report.users)} users, ${figure(report.items)} items, target ${report.target}`,
    table(["behavior", "raw", "pairs", "leaked", "train", "valid", "test"], behaviors),
    ...links.map(([name, count]) => `${figure(count)} pairs: ${name}`),
    ...(shown === undefined
      ? []
      : [
          `${figure(shown.rows)} impressions (${figure(shown.train)} / ${figure(shown.valid)} / ${figure(shown.test)}): ${shown.tasks.join(", ")}`,
        ]),
    ...(report.malformed === 0 ? [] : [`${figure(report.malformed)} malformed rows left out`]),
    `${out} in ${report.seconds.toFixed(1)} s, peak ${figure(report.peakRssMb)} MB`,
  ].join("\n");
}
