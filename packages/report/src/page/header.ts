import type { Plan, TrainConfig } from "@gradpool/bench";
import { count, group, list } from "../drawing/format.js";
import { markup, type Html } from "../drawing/html.js";
import type { Source } from "../source/sources.js";
import { caveats, premises, verdict } from "../source/verdict.js";

/** What was compared, on what, what came out, and what to keep in mind. */
export function header(source: Source): Html {
  const { plan, records, summary } = source;
  const failed = records.filter(({ status }) => status === "failed").length;
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
    ["Training", training(source)],
  ];
  const notes = [...caveats(source), ...budgetOf(plan)];
  return markup`<header class="top"><p class="eyebrow"><span>gradpool report</span> <span class="faint">${plan.name}</span></p><h1>${plan.title || plan.name}</h1>${premises(source) === "" ? "" : markup`<p class="premises">${premises(source)}</p>`}<p class="verdict">${verdict(source)}</p><p class="description">${plan.description}</p><dl class="facts">${facts.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>${
    notes.length === 0
      ? ""
      : markup`<aside class="caveats" aria-labelledby="caveats-title"><h2 id="caveats-title">Read with care</h2><ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul></aside>`
  }${summary.failures.length > 0 ? markup`<p class="jump"><a href="#failures">What failed, and why</a></p>` : ""}</header>`;
}

/** What a shorter schedule changes, one by one. */
const budgetOf = ({ budget }: Plan): readonly Html[] =>
  budget === undefined
    ? []
    : [
        markup`Budget ${budget.name}, not the recipe's whole schedule: <ul>${budget.differences.map((line) => markup`<li>${line}</li>`)}</ul>`,
      ];

/** A prepared set's folder by its last name: the whole path is in the configurations below. */
const dataName = (data: string): string =>
  /^shop\s*(\(|$)/.test(data) ? `embedded ${data}` : (data.split("/").findLast(Boolean) ?? data);

/** How it was trained; what is the default of rows and pairs is not said. */
function training({ plan }: Source): string {
  const rows = setting(plan, "rows");
  const missing = setting(plan, "missing");
  return [
    `${setting(plan, "epochs", (epochs) => count(epochs, "epoch"))} at most`,
    `batch ${setting(plan, "batch", group)}`,
    setting(plan, "optimizer"),
    `learning rate ${setting(plan, "lr")}`,
    `weight decay ${setting(plan, "weightDecay")}`,
    ...(rows === "lazy" ? [] : [`rows ${rows}`]),
    ...(missing === "unlabelled"
      ? []
      : [missing === "negative" ? "pairs of other tasks as negatives" : `pairs of other tasks ${missing}`]),
  ].join(", ");
}

/** What a field was for every contender: what was swept or searched, else what the comparison's base says. */
function setting(
  { base, grid, search }: Plan,
  field: keyof TrainConfig,
  show: (value: number) => string = String,
): string {
  const swept = grid[field] ?? search?.space[field] ?? [];
  if ("low" in swept) return `searched from ${show(swept.low)} to ${show(swept.high)}`;
  const values = swept.length > 0 ? swept : [base[field] as number | string];
  const words = values.map((value) => (typeof value === "number" ? show(value) : value));
  return words.length > 1 ? `one of ${words.join(", ")}` : words.join("");
}
