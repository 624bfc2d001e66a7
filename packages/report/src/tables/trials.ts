import * as format from "../drawing/format.js";
import { markup, type Html, joined, nothing } from "../drawing/html.js";
import type { Source } from "../source/sources.js";
import type { TrialRecord } from "@gradpool/bench";

/** Every trial with all that decided it and came of it: searchable, each one folded. */
export function trials(source: Source): Html {
  const { records, primary } = source;
  const held = shared(source);
  if (records.length === 0) return markup`<p>No trials.</p>`;
  const rows = records.map((record, k) => {
    const { label, point, config, status, result, cost } = record;
    const test = result?.test?.[primary];
    const swept = Object.entries(point).map(([name, value]) => `${name}=${value}`);
    const words = [label, ...swept, `seed=${config.seed}`, config.pool, status, record.error ?? "", record.id];
    return markup`<tr data-text=" ${words.join(" ").toLowerCase()} " ${status === "failed" ? markup` class="failed"` : ""}><th scope="row">${label}</th><td>${format.point(point) || "–"}</td><td class="n">${config.seed}</td><td>${status === "ok" ? "ok" : markup`<span class="worse">✕ failed</span>`}</td><td class="n">${result?.bestEpoch ?? "–"}</td><td class="n">${test === undefined ? "–" : test === null ? "undefined" : format.metric(test)}</td><td class="n" data-key="${cost?.wallSeconds ?? ""}">${cost === undefined ? "–" : format.duration(cost.wallSeconds)}</td><td><details id="trial-${k}"><summary aria-label="Details of ${label}, seed ${config.seed}">details</summary>${details(record, held)}</details></td></tr>`;
  });
  return markup`<div class="search js"><label for="search">Search trials</label><input id="search" type="search" autocomplete="off" placeholder="pool, seed 2, failed, lr = 0.01 …"><output id="search-count" for="search">${records.length} trials</output></div><div class="scroll wide" tabindex="0" role="region" aria-label="All trials"><table class="sortable" id="trials-table"><caption class="sr">Every trial</caption><thead><tr><th scope="col">Pool</th><th scope="col">Grid point</th><th scope="col">Seed</th><th scope="col">Status</th><th scope="col">Best epoch</th><th scope="col">${format.metricLabel(primary)}</th><th scope="col">Time</th><th scope="col" data-plain>More</th></tr></thead><tbody>${joined(rows, "\n")}</tbody></table></div><details class="base"><summary>Base configuration and environment of all trials</summary><h4>Configuration</h4>${definitions(differing(held.base, {}))}<h4>Environment</h4>${definitions(Object.entries(held.common))}</details>`;
}

type Pairs = readonly (readonly [string, string])[];

const text = (value: unknown): string =>
  value === null ? "none" : Array.isArray(value) ? (value as readonly unknown[]).join(", ") : String(value);

const pairs = (values: object): Pairs =>
  Object.entries(values).map(([name, value]) => [
    name,
    typeof value === "number" ? String(format.short(value)) : text(value),
  ]);

function details({ id, config, result, cost, environment, error }: TrialRecord, { base, common }: Shared): Html {
  const parts: readonly (readonly [string, Pairs])[] = [
    ["Error", error === undefined ? [] : [["", error]]],
    ["Differs from the base configuration", [["trial", id], ...differing(config, base)]],
    ["Test", pairs(result?.test ?? {})],
    ["Validation, best epoch", pairs(result?.best ?? {})],
    [
      "Run",
      result === undefined
        ? []
        : [
            ["best epoch", text(result.bestEpoch)],
            ["steps", format.group(result.steps)],
            ["samples", format.group(result.samples)],
            ["skipped steps", format.group(result.skipped)],
            ["ended by", result.stopped],
          ],
    ],
    ["Cost", pairs(cost ?? {})],
    ["Environment", differing(environment, common)],
  ];
  return markup`${parts.map(([title, held]) =>
    held.length === 0 ? "" : markup`<h4>${title}</h4>${definitions(held)}`,
  )}`;
}

const definitions = (held: Pairs): Html =>
  markup`<dl>${held.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;

/** What all trials share, so that each one need only say what is its own. */
interface Shared {
  readonly base: object;
  readonly common: Readonly<Record<string, string>>;
}

const differing = (mine: object, base: object): Pairs =>
  Object.entries(mine)
    .filter(([name, value]) => text(value) !== text((base as Readonly<Record<string, unknown>>)[name]))
    .map(([name, value]) => [name, text(value)]);

function shared({ plan, records }: Source): Shared {
  const [first, ...others] = records.filter(({ status }) => status === "ok").map(({ environment }) => environment);
  const common = Object.entries(first ?? {}).filter(([name, value]) => others.every((other) => other[name] === value));
  return { base: plan.base, common: Object.fromEntries(common) };
}

/** Failed trials with what they said. Empty without any. */
export function failures({ summary }: Source): Html {
  if (summary.failures.length === 0) return nothing;
  const groups = new Map<
    string,
    { readonly label: string; readonly at: string; readonly error: string; readonly seeds: number[] }
  >();
  for (const { label, point, seed, error } of summary.failures) {
    const at = format.point(point);
    const key = JSON.stringify([label, at, error]);
    const group = groups.get(key) ?? { label, at, error, seeds: [] };
    group.seeds.push(seed);
    groups.set(key, group);
  }
  const items = [...groups.values()].map(({ label, at, error, seeds }) => {
    const which = [...new Set(seeds)].map(String);
    return markup`<li><b>${label}</b>${at === "" ? "" : `, ${at}`}, ${which.length === 1 ? "seed" : "seeds"} ${format.list(which)}<pre><code>${error}</code></pre></li>`;
  });
  return markup`<ul class="failures">${items}</ul>`;
}
