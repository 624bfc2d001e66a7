import type { PublishedNumbers } from "@gradpool/bench";
import * as format from "../drawing/format.js";
import { escape } from "../drawing/html.js";
import type { Source } from "../source/sources.js";

/** The papers' numbers beside ours, by label, each table under the name of what was different there. Empty if there are none. */
export function published(source: Source): string {
  const tables = source.plan.published.map((numbers) => table(source, numbers)).filter((html) => html !== "");
  return tables.length === 0
    ? ""
    : `<p>Printed numbers stand here for orientation. They come from another data set, model or split, so compare the order of the methods, not the values.</p>${tables.join("\n")}`;
}

function table({ rows, plan }: Source, { source, setting, rows: printed }: PublishedNumbers): string {
  const shown = Object.keys(printed);
  const metrics = [...new Set(shown.flatMap((label) => Object.keys(printed[label] ?? {})))];
  if (metrics.length === 0) return "";
  // A table that was printed for validation belongs beside ours of validation.
  const part = /validation/i.test(setting) ? "valid" : "test";
  const baseline = plan.baseline;
  const head = metrics
    .map((metric) => `<th scope="colgroup" colspan="2">${escape(format.metricLabel(metric))}</th>`)
    .join("");
  const sub = metrics.map(() => '<th scope="col">paper</th><th scope="col">ours</th>').join("");
  const cell = (value: number | undefined, base: number | undefined): string => {
    if (value === undefined) return '<td class="n faint">–</td>';
    const relative = base === undefined || base === 0 || base === value ? "" : format.percent(value / base - 1);
    return `<td class="n">${format.metric(value)}<small>${relative}</small></td>`;
  };
  const body = shown.map((label) => {
    const ours = rows.find((row) => row.label === label);
    const cells = metrics.map(
      (metric) =>
        cell(printed[label]?.[metric], printed[baseline]?.[metric]) +
        cell(ours?.[part][metric]?.mean, rows.find((row) => row.label === baseline)?.[part][metric]?.mean),
    );
    return `<tr><th scope="row">${escape(label)}${ours === undefined ? "<small>not run here</small>" : ""}</th>${cells.join("")}</tr>`;
  });
  return `<h3>${escape(source)}</h3><p class="help">Their setting: ${escape(setting)}. Small print: relative to ${escape(baseline)} in the same column. Ours: ${part === "valid" ? "validation" : "test"}, mean over seeds.</p>
<div class="scroll wide" tabindex="0" role="region" aria-label="${escape(source)} beside our results"><table class="published"><thead><tr><th rowspan="2" scope="col">Method</th>${head}</tr><tr>${sub}</tr></thead><tbody>
${body.join("\n")}
</tbody></table></div>`;
}
