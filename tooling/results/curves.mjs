/** Figure 5 of PMTRec, and any other curve over one option: on validation, where the option is searched. */
import { table } from "../sync/markdown.mjs";
import { higherIsBetter } from "./judge.mjs";
import { deviation, mean, number, spread } from "./words.mjs";

/** Contenders without a curve, on the same part, to see how high a curve lies. */
function scaleOf(set, metric) {
  const beside = set.contenders.filter(({ group, valid }) => group === null && valid[metric]);
  return beside.length === 0
    ? ""
    : ` Beside it: ${beside.map(({ label, valid }) => `${label} ${number(valid[metric].mean)}`).join(", ")}.`;
}

function curveTable(set, { label, name, metric, points }) {
  const known = points.filter(({ values }) => !values.includes(null));
  const sign = higherIsBetter(metric) ? 1 : -1;
  const best = Math.max(...known.map(({ values }) => sign * mean(values)));
  const rows = points.map(({ value, values }) => {
    if (values.includes(null)) return [String(value), "–"];
    const text = spread(mean(values), deviation(values));
    return [String(value), sign * mean(values) === best ? `**${text}**` : text];
  });
  const seeds = points[0].values.length;
  return [
    `${label}: ${metric} on validation, ${seeds === 1 ? "one seed" : `${seeds} seeds`}, the best in bold.${scaleOf(set, metric)}`,
    table([name, metric], rows),
  ];
}

export const curveTables = (set) => (set.curves ?? []).flatMap((curve) => curveTable(set, curve));
