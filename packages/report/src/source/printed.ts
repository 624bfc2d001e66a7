import { neGain, qpsDrop } from "@gradpool/metrics";
import { baseOf, type Row, type Source } from "./sources.js";

/** The label of the mean over the tasks learnt alone, as papers print it in the row of Single. */
const meanOfSingle = "mean of Single";

/**
 * What was measured of a cell that a paper printed, by its row and column: a metric; `RI auc`; `NE gain`, and `NE gain of task 2` by the
 * place among the tasks; `QPS drop`. null: nothing was.
 */
export function measuredBeside(source: Source, label: string, column: string, part: "test" | "valid"): number | null {
  if (label === meanOfSingle) return ofSingles(source, column, part);
  const row = source.rows.find((one) => one.label === label);
  if (row === undefined) return null;
  const base = baseOf(source, row);
  if (column.startsWith("RI ")) return row.relativeImprovement[column.slice(3)] ?? null;
  if (column === "QPS drop")
    return row.cost && base?.cost ? qpsDrop(row.cost.samplesPerSecond, base.cost.samplesPerSecond) : null;
  const [, place] = /^NE gain(?: of task (\d+))?$/.exec(column) ?? [];
  if (!column.startsWith("NE gain")) return valueOf(row, column, part);
  const task = source.plan.base.tasks[Number(place) - 1];
  if (place !== undefined && task === undefined) return null;
  const metric = place === undefined ? "ne" : `ne/${task}`;
  const [mine, other] = [row[part][metric]?.mean, base?.[part][metric]?.mean];
  return mine === undefined || other === undefined ? null : neGain(mine, other);
}

const valueOf = (row: Row, metric: string, part: "test" | "valid"): number | null => row[part][metric]?.mean ?? null;

function ofSingles({ plan, rows }: Source, metric: string, part: "test" | "valid"): number | null {
  if (metric.startsWith("RI ")) return Object.keys(plan.single).length > 0 ? 0 : null;
  const values = Object.entries(plan.single).map(([task, label]) => {
    const row = rows.find((one) => one.label === label);
    return row === undefined ? null : valueOf(row, `${metric}/${task}`, part);
  });
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 || known.length < values.length
    ? null
    : known.reduce((sum, value) => sum + value, 0) / known.length;
}
