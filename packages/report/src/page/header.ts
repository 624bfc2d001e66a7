import { count, group, list } from "../drawing/format.js";
import { markup, type Html } from "../drawing/html.js";
import type { Source } from "../source/sources.js";
import { caveats, premises, verdict } from "../source/verdict.js";

/** What was compared, on what, what came out, and what to keep in mind. */
export function header(source: Source): Html {
  const { plan, records, summary } = source;
  const failed = records.filter(({ status }) => status === "failed").length;
  const rows = gridded(source, "rows") ?? (plan.base.rows === "dense-equivalent" ? plan.base.rows : undefined);
  const missing = plan.base.missing === "negative";
  const pools = String(source.rows.filter(({ role }) => role === undefined).length);
  const models = new Set(records.map(({ config }) => config.model));
  const facts: readonly (readonly [string, string])[] = [
    ...(plan.name === "runs" ? [] : [["Pools", pools] as const]),
    ["Seeds", String(plan.seeds.length)],
    [plan.name === "runs" ? "Runs" : "Trials", `${group(records.length)}${failed > 0 ? ` (${failed} failed)` : ""}`],
    ...(source.rows.length > 1 || plan.name !== "runs" ? [["Baseline", plan.baseline] as const] : []),
    ["Data", dataName(plan.base.data)],
    ["Model", plan.name === "runs" ? list([...models]) : plan.base.model],
    ["Tasks", list(plan.base.tasks)],
    [
      "Training",
      `${count(plan.base.epochs, "epoch")} at most, batch ${group(plan.base.batch)}, ${plan.base.optimizer}, learning rate ${gridded(source, "lr") ?? plan.base.lr}, weight decay ${gridded(source, "weightDecay") ?? plan.base.weightDecay}${rows === undefined ? "" : `, rows ${rows}`}${missing ? ", pairs of other tasks as negatives" : ""}`,
    ],
  ];
  const notes = caveats(source);
  return markup`<header class="top"><p class="eyebrow"><span>gradpool report</span> <span class="faint">${plan.name}</span></p><h1>${plan.title || plan.name}</h1>${premises(source) === "" ? "" : markup`<p class="premises">${premises(source)}</p>`}<p class="verdict">${verdict(source)}</p><p class="description">${plan.description}</p><dl class="facts">${facts.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>${
    notes.length === 0
      ? ""
      : markup`<aside class="caveats" aria-labelledby="caveats-title"><h2 id="caveats-title">Read with care</h2><ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul></aside>`
  }${summary.failures.length > 0 ? markup`<p class="jump"><a href="#failures">What failed, and why</a></p>` : ""}</header>`;
}

/** A prepared set's folder by its last name: the whole path is in the configurations below. */
const dataName = (data: string): string =>
  /^shop\s*(\(|$)/.test(data) ? `embedded ${data}` : (data.split("/").findLast(Boolean) ?? data);

function gridded({ plan }: Source, field: string): string | undefined {
  const values = plan.grid[field];
  return values === undefined || values.length < 2 ? undefined : `one of ${values.join(", ")}`;
}
