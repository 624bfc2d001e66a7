import { metricParts } from "@gradpool/metrics";
import type { TrialRecord } from "@gradpool/bench";
import type { Draw } from "../drawing/draw.js";
import { type Figure, panels } from "../drawing/figure.js";
import { list, lowerIsBetter, metric as show, metricLabel } from "../drawing/format.js";
import { frontOf, type Standing, standing } from "../source/front.js";
import type { Source } from "../source/sources.js";
import { mean } from "../source/statistics.js";
import { type Scatter, scatter, type ScatterPoint } from "./scatter.js";

/** More pairs of tasks than this are not drawn: the data of the trade-offs hold them. */
const mostPairs = 10;

/** What was measured at one point of one contender on validation, the mean over the seeds of the search. */
interface Point {
  readonly label: string;
  readonly fixed: boolean;
  readonly values: ReadonlyMap<string, number>;
}

/**
 * The front of static weights, pair by pair of tasks, with every method against it: all weights that were searched, equal ones
 * among them, on validation with the seeds of the search. Null without static weights, or where fewer than two tasks are measured.
 */
export function frontFigure(draw: Draw, source: Source): Figure | null {
  const { plan, summary, primary } = source;
  const [head] = metricParts(primary);
  const tasks = plan.base.tasks.filter((task) => summary.metrics.includes(`${head}/${task}`));
  const points = pointsOf(
    source,
    tasks.map((task) => `${head}/${task}`),
  );
  const better = lowerIsBetter(primary) ? -1 : 1;
  if (tasks.length < 2 || points.filter(({ fixed }) => fixed).length < 2 || points.every(({ fixed }) => fixed))
    return null;
  const made = pairs(tasks).map(([x, y]) => {
    const at = (point: Point): readonly number[] => [x, y].map((task) => point.values.get(`${head}/${task}`) as number);
    const front = frontOf(points.filter(({ fixed }) => fixed).map(at), [better, better]);
    const stands = points.map((point) => ({
      point,
      at: at(point),
      stand: standing(at(point), front, [better, better]),
    }));
    return { x: `${head}/${x}`, y: `${head}/${y}`, stands, front };
  });
  return {
    id: "front",
    title: "Static weights, and the methods against them",
    help: `Validation, ${plan.tuningSeeds.length === 1 ? "the seed" : "mean over the seeds"} of the search. Dashed: the front of static weights, equal ones among them (${points.filter(({ fixed }) => fixed).length} points). A method is ahead of the front where it beats a point of it in both tasks, behind where a point of it does so.`,
    svg: panels(
      made.map((one) => ({
        title: `${metricLabel(one.y)} against ${metricLabel(one.x)}`,
        svg: scatter(draw, inWords(one), drawn(one, better, source)),
      })),
      "panels large",
    ),
    alt: made.map(inWords).join(" "),
    data: {
      columns: ["x metric", "y metric", "pool", "x", "y", "static weights", "stands"],
      rows: made.flatMap(({ x, y, stands }) =>
        stands.map(({ point, at, stand }) => [
          x,
          y,
          point.label,
          at[0] as number,
          at[1] as number,
          point.fixed ? "yes" : "no",
          point.fixed ? "–" : stand,
        ]),
      ),
    },
  };
}

interface Pair {
  readonly x: string;
  readonly y: string;
  readonly front: readonly (readonly number[])[];
  readonly stands: readonly { readonly point: Point; readonly at: readonly number[]; readonly stand: Standing }[];
}

function drawn({ x, y, stands, front }: Pair, better: number, { plan }: Source): Scatter {
  const onFront = (at: readonly number[]): boolean => front.some(([a, b]) => a === at[0] && b === at[1]);
  const points = stands.map(({ point, at }): ScatterPoint & { readonly fixed: boolean } => ({
    label: point.label,
    x: at[0] as number,
    y: at[1] as number,
    baseline: point.label === plan.baseline,
    fixed: point.fixed,
    unnamed: point.fixed && !onFront(at),
  }));
  return {
    x: metricLabel(x),
    y: metricLabel(y),
    xUp: better > 0,
    yUp: better > 0,
    points,
    front: points.filter(({ fixed, x: across, y: up }) => fixed && onFront([across, up])),
    format: { x: show, y: show },
  };
}

function inWords({ x, y, stands }: Pair): string {
  const who = (wanted: Standing): string => {
    const names = stands.flatMap(({ point, stand }) => (point.fixed || stand !== wanted ? [] : point.label));
    return names.length === 0 ? "nobody" : list(names);
  };
  return `${metricLabel(y)} against ${metricLabel(x)}: ahead of the front of static weights ${who("ahead")}; beside it ${who("beside")}; behind it ${who("behind")}.`;
}

const pairs = (tasks: readonly string[]): readonly (readonly [string, string])[] =>
  tasks.flatMap((x, k) => tasks.slice(k + 1).map((y) => [x, y] as const)).slice(0, mostPairs);

const isStatic = ({ config }: TrialRecord): boolean => /^(constant|ew)\b/.test(config.pool) && !/[+]/.test(config.pool);

/** Static weights at every point; of the methods, no variants and no single tasks, what validation chose. */
function pointsOf({ rows, records, plan }: Source, metrics: readonly string[]): readonly Point[] {
  const chosen = new Set(
    rows.flatMap(({ label, group, role, records: own }) =>
      group === null && role === undefined ? own.map(({ id }) => `${label} ${id}`) : [],
    ),
  );
  const isPool = ({ label }: TrialRecord): boolean =>
    rows.some((row) => row.label === label && row.group === null && row.role === undefined) ||
    plan.contenders.some((one) => one.label === label && one.group === undefined && one.role === undefined);
  if (!records.some(({ config }) => config.pool.startsWith("constant("))) return [];
  const groups = new Map<string, TrialRecord[]>();
  for (const record of records) {
    if (record.status !== "ok" || !plan.tuningSeeds.includes(record.config.seed)) continue;
    const own = chosen.has(`${record.label} ${record.id}`);
    const key = own ? record.label : nameOf(record);
    if (own || (isStatic(record) && isPool(record))) groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return [...groups].flatMap(([label, held]) => {
    const values = metrics.map((metric) => mean(held.map(({ result }) => result?.best?.[metric] ?? null)));
    if (values.includes(null)) return [];
    const fixed = isStatic(held[0] as TrialRecord);
    return [{ label, fixed, values: new Map(metrics.map((metric, k) => [metric, values[k] as number])) }];
  });
}

/** A point that validation did not choose is called by what it is. */
function nameOf({ label, point, config }: TrialRecord): string {
  const at = Object.entries(point).map(([name, value]) => `${name}=${value}`);
  return [...(config.pool.startsWith("constant") ? [] : [label]), ...at].join(" ");
}
