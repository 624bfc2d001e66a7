import { given } from "@gradpool/core";
import type { Draw } from "../drawing/draw.js";
import { type Figure, panels } from "../drawing/figure.js";
import { metric as show, metricLabel } from "../drawing/format.js";
import { type Html, slug } from "../drawing/html.js";
import { baselineOf, type Row, type Source } from "../source/sources.js";
import { extent } from "../source/statistics.js";
import { cutMark } from "./cut.js";
import { forest } from "./forest.js";
import { direction, qualityData } from "./quality.js";
import { values } from "./values.js";

/** Contenders that belong together: variants with a part taken away, or one option at several values. One figure each. */
export function groupFigures(draw: Draw, source: Source): readonly Figure[] {
  const names = [
    ...new Set(source.rows.flatMap((row) => (row.group === null || row.role !== undefined ? [] : row.group))),
  ];
  return names.flatMap((name) => groupFigure(draw, source, name) ?? []);
}

/** One group on the first metrics. Null if none of it finished. */
function groupFigure(draw: Draw, source: Source, group: string): Figure | null {
  const members = source.rows.filter((row) => row.group === group);
  const option = optionOf(members);
  const others = beside(source, members);
  const metrics = source.summary.metrics.filter((metric) => source.plan.base.metrics.includes(metric)).slice(0, 3);
  const shown = (option === null ? others : members).filter((row) =>
    metrics.some((metric) => row.shared.test[metric] !== undefined),
  );
  if (shown.length === 0 || !members.some((row) => shown.includes(row))) return null;
  const made = metrics.flatMap((metric) => {
    const rows = shown.filter((row) => row.shared.test[metric] !== undefined);
    if (rows.length === 0) return [];
    const svg = option === null ? forest(draw, source, metric, rows) : overOption(draw, source, metric, rows, option);
    return [{ title: metricLabel(metric), note: direction(metric), svg }];
  });
  return {
    id: `group-${slug(group)}`,
    title: group.charAt(0).toUpperCase() + group.slice(1),
    help:
      option === null
        ? `${hasOwnBases(source, members) ? "Variants, each under what it is tested against" : `Variants beside ${source.plan.baseline} and the full method`}, on test; dot: mean, bar: 95 % interval, rings: seeds. ${cutMark}.`
        : `Test metrics over ${option}; dot: mean over seeds, bar: 95 % interval, dashed: ${source.plan.baseline}. ${cutMark}.`,
    svg: panels(made),
    alt: metrics
      .map(
        (metric) =>
          `${metricLabel(metric)}: ${shown.map((row) => `${row.label} ${row.shared.test[metric] === undefined ? "no result" : show(row.shared.test[metric].mean)}`).join(", ")}.`,
      )
      .join(" "),
    data: qualityData(shown, metrics),
  };
}

const hasOwnBases = ({ plan }: Source, members: readonly Row[]): boolean =>
  members.some(({ label, base }) => base !== plan.baseline && base !== label);

/** A group's rows with what they are variants of: each under its own baseline, or all under the comparison's and the full methods. */
function beside(source: Source, members: readonly Row[]): readonly Row[] {
  if (hasOwnBases(source, members)) {
    const bases = [...new Set(members.map(({ base }) => base))];
    return bases.flatMap((base) => [
      ...source.rows.filter(({ label }) => label === base),
      ...members.filter((row) => row.base === base && row.label !== base),
    ]);
  }
  const base = baselineOf(source);
  return base === undefined || members.includes(base) ? members : [base, ...fullMethods(source, members), ...members];
}

/** `PMTRec, no balancing` is a variant of `PMTRec`: the full method is shown with its ablation. */
function fullMethods({ rows, plan }: Source, members: readonly Row[]): readonly Row[] {
  return rows.filter(
    (row) =>
      row.label !== plan.baseline &&
      !members.includes(row) &&
      members.some(({ label }) => label.startsWith(`${row.label},`) || label.startsWith(`${row.label} `)),
  );
}

const numbered = /^(?:.*?\s)?([\p{L}_]+)\s*=\s*(-?[\d.]+(?:e-?\d+)?)$/u;

/** The option whose value ends every label (`MetaBalance r=0.3`); null if they do not differ by a number. */
function optionOf(rows: readonly Row[]): string | null {
  const names = rows.map(({ label }) => numbered.exec(label)?.[1]);
  return rows.length > 2 && names.every((name) => name !== undefined && name === names[0])
    ? (names[0] as string)
    : null;
}

function overOption(draw: Draw, source: Source, metric: string, rows: readonly Row[], option: string): Html {
  const base = baselineOf(source)?.shared.test[metric]?.mean;
  const points = rows
    .map((row) => ({
      at: Number(numbered.exec(row.label)?.[2]),
      row,
      ...(row.shared.test[metric] as NonNullable<Row["test"][string]>),
    }))
    .sort((a, b) => a.at - b.at);
  const seeds = extent([...points.flatMap(({ values: held }) => held), base]) ?? ([0, 1] as const);
  return values(
    draw,
    `${metricLabel(metric)} over ${option}: ${points.map(({ at, mean }) => `${at}: ${show(mean)}`).join(", ")}`,
    {
      x: option,
      domain: points.map(({ at }) => String(at)),
      yDomain: seeds,
      lines: [
        {
          name: "",
          points: points.map(({ at, mean, low, high, row }) => ({
            x: String(at),
            y: mean,
            low,
            high,
            marked: ["better", "worse"].includes(row.versusBaseline[metric]?.verdict ?? ""),
          })),
        },
      ],
      ...given({ rule: base }),
    },
  );
}
