/** A comparison's section on its paper's page: what was run, where, and every contender's numbers with the printed ones beside. */
import { table } from "../sync/markdown.mjs";
import { curveTables } from "./curves.mjs";
import { encoderTable } from "./encoders.mjs";
import { frontTables } from "./front.mjs";
import { recipeOf } from "./store.mjs";
import { counted, grouped, hours, number, pValue, signed, spread } from "./words.mjs";

/** Metrics of the plan, in its order, that somebody has. */
const columnsOf = (set) => set.base.metrics.filter((metric) => set.contenders.some((one) => one.test[metric]));

function sizes({ users, items, behaviors = {}, impressions, split }) {
  if (users === undefined) return "";
  const pairs = Object.entries(behaviors).map(([name, { train, valid, test }]) =>
    [train, valid, test].some((part) => part > 0)
      ? `${name} ${[train, valid, test]
          .filter((part) => part !== undefined)
          .map(grouped)
          .join(" / ")}`
      : name,
  );
  const rows =
    impressions === undefined
      ? []
      : [`impressions ${[impressions.train, impressions.valid, impressions.test].map(grouped).join(" / ")}`];
  return `${counted(users, "user")}, ${counted(items, "item")}; ${[...pairs, ...rows].join(", ")}; split ${splitWords(split)}.`;
}

const splitWords = ({ kind, train, valid, test, seed }) =>
  train === undefined ? kind : `${kind} ${[train, valid, test].join("/")}, seed ${seed}`;

const training = ({ model, epochs, batch, lr, weightDecay, optimizer, patience }) =>
  `\`${model}\`, ${epochs} epochs at most${patience === null ? "" : `, patience ${patience}`}, batch ${grouped(batch)}, ${optimizer} ${lr}, decay ${weightDecay}`;

const gridWords = (grid) =>
  Object.keys(grid).length === 0
    ? "no grid"
    : `chosen on validation: ${Object.entries(grid)
        .map(([name, values]) => `${name} of ${values.join(", ")}`)
        .join("; ")}`;

const pointWords = (point) =>
  Object.entries(point)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ") || "–";

function rowOf(set, one, metrics) {
  const verdict = one.verdicts[metrics[0]];
  const said =
    one.label === set.baseline
      ? "baseline"
      : verdict === undefined
        ? "–"
        : verdict.verdict === "better" || verdict.verdict === "worse"
          ? `**${verdict.verdict}**, p ${pValue(verdict.pHolm)}`
          : `${verdict.verdict}${verdict.pHolm === null ? "" : `, p ${pValue(verdict.pHolm)}`}`;
  return [
    one.label,
    ...metrics.map((metric) => (one.test[metric] ? spread(one.test[metric].mean, one.test[metric].sd) : "–")),
    said,
    pointWords(one.point),
  ];
}

/** What a contender is tested against: its own baseline, or the comparison's. */
const baseOf = (set, one) => set.contenders.find(({ label }) => label === (one.baseline ?? set.baseline));

/** Differences of contenders that are there to show a reading or a variant. */
function groupRows(set, metrics) {
  const [metric] = metrics;
  const variants = set.contenders.filter(
    (one) => one.group !== null && one.test[metric] && one.label !== baseOf(set, one)?.label,
  );
  return variants.map((one) => {
    const base = baseOf(set, one);
    return [
      one.group,
      one.label,
      base?.label ?? "–",
      spread(one.test[metric].mean, one.test[metric].sd),
      base?.test[metric] ? signed(one.test[metric].mean - base.test[metric].mean) : "–",
      pValue(one.verdicts[metric]?.p),
    ];
  });
}

/** Means of ours beside what the paper printed; of validation where the paper's are. */
function printed(set) {
  return (recipeOf(set.recipe).published ?? []).flatMap(({ source, setting, rows }) => {
    const part = /validation/.test(setting) ? "valid" : "test";
    const metrics = [...new Set(Object.values(rows).flatMap(Object.keys))].filter((metric) =>
      set.contenders.some((one) => one[part][metric]),
    );
    if (metrics.length === 0) return [];
    const shown = Object.entries(rows).flatMap(([label, cells]) => {
      const one = set.contenders.find((candidate) => candidate.label === label);
      return one === undefined
        ? []
        : [[label, ...metrics.map((metric) => `${number(cells[metric])} / ${number(one[part][metric]?.mean)}`)]];
    });
    return shown.length === 0
      ? []
      : [
          `Printed / ours, ${source}. ${setting}: another set than ours, nothing here was measured by the paper.`,
          table(["", ...metrics], shown),
        ];
  });
}

export function comparisonSection(set, anchor) {
  const metrics = columnsOf(set);
  const groups = groupRows(set, metrics);
  const { processor, memory, node, engine, gradpool } = set.environment;
  const facts = [
    `${set.title}. Data: ${set.words}: ${sizes(set.data)}`,
    `Model and training: ${training(set.base)}; ${gridWords(set.grid)}. Seeds ${set.seeds.join(", ")}.`,
    `${counted(set.trials.count, "trial")}${set.trials.failed > 0 ? ` (${set.trials.failed} failed)` : ""}, ${hours(set.trials.wallSeconds)} of wall time, ${hours(set.trials.trainingSeconds)} of it training${set.trials.processorSeconds === undefined ? "" : `; ${hours(set.trials.processorSeconds)} of processor`}. ${set.circumstances ?? ""} Machine: ${processor}, ${memory}; gradpool ${gradpool}, Node ${node}, ${engine}.`,
    ...(set.command === undefined ? [] : [`\`\`\`sh\n${set.command}\n\`\`\``]),
    ...(set.budget === null
      ? []
      : [
          `What the budget \`${set.budget.name}\` leaves of the recipe:\n\n${set.budget.differences.map((one) => `- ${one}`).join("\n")}`,
        ]),
    ...(set.premises.length === 0 ? [] : [set.premises.map((one) => `> ${one}`).join("\n>\n")]),
    `Test, mean ± sd over seeds; the verdict against ${set.baseline}${set.contenders.some(({ baseline }) => baseline !== undefined) ? ", or what a row is compared with below," : ""} is of ${metrics[0]} (paired t, Holm).`,
    table(
      ["", ...metrics, "Verdict", "Chosen"],
      set.contenders.map((one) => rowOf(set, one, metrics)),
    ),
    ...(groups.length === 0
      ? []
      : [
          `Readings and variants, ${metrics[0]} (p uncorrected):`,
          table(["Group", "Variant", "Against", metrics[0], "Difference", "p"], groups),
        ]),
    ...encoderTable(set, metrics[0]),
    ...curveTables(set),
    ...frontTables(set),
    ...printed(set),
  ];
  return [`## ${anchor}`, ...facts].join("\n\n");
}
