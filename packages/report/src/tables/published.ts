import type { PublishedNumbers } from "@gradpool/bench";
import * as format from "../drawing/format.js";
import { markup, type Html, isEmpty, joined, nothing } from "../drawing/html.js";
import { measuredBeside } from "../source/printed.js";
import type { Source } from "../source/sources.js";

/** The papers' numbers beside ours, by label, each table under the name of what was different there. Empty if there are none. */
export function published(source: Source): Html {
  const tables = source.plan.published.map((numbers) => table(source, numbers)).filter((made) => !isEmpty(made));
  return tables.length === 0
    ? nothing
    : markup`<p>Printed numbers stand here for orientation. They come from another data set, model or split, so compare the order of the methods, not the values.</p>${joined(tables, "\n")}`;
}

function table(files: Source, { source, setting, rows: printed }: PublishedNumbers): Html {
  const { rows, plan } = files;
  const shown = Object.keys(printed);
  const metrics = [...new Set(shown.flatMap((label) => Object.keys(printed[label] ?? {})))];
  if (metrics.length === 0) return nothing;
  // A table that was printed for validation belongs beside ours of validation.
  const part = /validation/i.test(setting) ? "valid" : "test";
  const baseline = plan.baseline;
  const head = metrics.map(
    (metric) => markup`<th scope="colgroup" colspan="2">${isShare(metric) ? metric : format.metricLabel(metric)}</th>`,
  );
  const sub = metrics.map(() => markup`<th scope="col">paper</th><th scope="col">ours</th>`);
  const cell = (column: string, value: number | null | undefined, base: number | null | undefined): Html => {
    if (value === undefined || value === null) return markup`<td class="n faint">–</td>`;
    if (isShare(column)) return markup`<td class="n">${format.percent(value)}</td>`;
    const relative =
      base === undefined || base === null || base === 0 || base === value ? "" : format.percent(value / base - 1);
    return markup`<td class="n">${format.metric(value)}<small>${relative}</small></td>`;
  };
  const body = shown.map((label) => {
    const isHere =
      label === "mean of Single" ? Object.keys(plan.single).length > 0 : rows.some((row) => row.label === label);
    const cells = metrics.map((metric) => {
      const ours = measuredBeside(files, label, metric, part);
      return markup`${cell(metric, printed[label]?.[metric], printed[baseline]?.[metric])}${cell(metric, ours, measuredBeside(files, baseline, metric, part))}`;
    });
    return markup`<tr><th scope="row">${label}${isHere ? "" : markup`<small>not run here</small>`}</th>${cells}</tr>`;
  });
  return markup`<h3>${source}</h3><p class="help">Their setting: ${setting}. Small print: relative to ${baseline} in the same column. Ours: ${part === "valid" ? "validation" : "test"}, mean over seeds.</p><div class="scroll wide" tabindex="0" role="region" aria-label="${source} beside our results"><table class="published"><thead><tr><th rowspan="2" scope="col">Method</th>${head}</tr><tr>${sub}</tr></thead><tbody>${joined(body, "\n")}</tbody></table></div>`;
}

/** Columns that are differences or shares already, printed in per cent. */
const isShare = (column: string): boolean => /^(RI|NE gain|QPS drop)/.test(column);
