import { metricParts } from "@gradpool/metrics";
import type { Draw } from "./drawing/draw.js";
import { type Figure, figureHtml, tabs } from "./drawing/figure.js";
import { conflictsFigure } from "./figures/conflicts.js";
import { cosinesFigure } from "./figures/cosines.js";
import { frontFigure } from "./figures/front.js";
import { gatesFigure } from "./figures/gates.js";
import { gradientsFigure } from "./figures/gradients.js";
import { groupFigures } from "./figures/groups.js";
import { learningFigure } from "./figures/learning.js";
import { lossesFigure } from "./figures/losses.js";
import { qualityFigure } from "./figures/quality.js";
import { sensitivityFigure } from "./figures/sensitivity.js";
import { speedFigure, tradeOffsFigure } from "./figures/trade-offs.js";
import { list, metricFamily, metricLabel } from "./drawing/format.js";
import { type Html, joined } from "./drawing/html.js";
import type { Section } from "./page/page.js";
import type { Source } from "./source/sources.js";
import { overview } from "./tables/overview.js";
import { published } from "./tables/published.js";
import { searchTable } from "./tables/search.js";
import { failures, trials } from "./tables/trials.js";

/** More learning curves than this would make the page heavy; the others are in `results.jsonl`. */
const mostCurves = 8;

/** What the report shows, in order; a section without content is left out. */
export function sections(source: Source, draw: Draw): readonly Section[] {
  const all = (...figures: readonly (Figure | null)[]): Html =>
    joined(
      figures.flatMap((figure) => (figure === null ? [] : figureHtml(figure))),
      "\n",
    );
  const inTabs = (id: string, label: string, views: readonly (readonly [string, Figure | null])[]): Html =>
    tabs(
      id,
      label,
      views.flatMap(([name, figure]) => (figure === null ? [] : [{ label: name, html: figureHtml(figure) }])),
    );
  const curves = curveMetrics(source);
  return [
    { id: "overview", title: "Overview", html: overview(source) },
    {
      id: "quality",
      title: "Quality",
      lead: "How far apart the pools are, and how sure one can be of it.",
      html: inTabs(
        "quality-tabs",
        "Kind of metric",
        families(source).map(([name, metrics]) => [name, qualityFigure(draw, source, name, metrics)] as const),
      ),
    },
    {
      id: "trade",
      title: "Trade-offs",
      lead: "What is paid for what.",
      html: all(tradeOffsFigure(draw, source), frontFigure(draw, source), speedFigure(draw, source)),
    },
    {
      id: "variants",
      title: "Variants",
      lead: "Ablations and options beside each other.",
      html: all(...groupFigures(draw, source)),
    },
    {
      id: "tuning",
      title: "Tuning",
      lead: budget(source),
      html: joined([searchTable(source), all(sensitivityFigure(draw, source))], "\n"),
    },
    {
      id: "learning",
      title: "Learning",
      lead: "How training went, epoch by epoch.",
      html: joined([
        inTabs(
          "learning-tabs",
          "Metric",
          curves.map((metric) => [metricLabel(metric), learningFigure(draw, source, metric)] as const),
        ),
        all(lossesFigure(draw, source)),
      ]),
    },
    {
      id: "pools",
      title: "Inside the pools",
      lead: "What each method meets, and what it makes of it: the gradients of the tasks during training.",
      html: all(gradientsFigure(draw, source), conflictsFigure(draw, source), cosinesFigure(draw, source)),
    },
    {
      id: "experts",
      title: "Experts",
      lead: "What each task reads: how its gate mixes the experts.",
      html: all(gatesFigure(draw, source)),
    },
    { id: "published", title: "Published", html: published(source) },
    { id: "failures", title: "Failures", html: failures(source) },
    { id: "trials", title: "Trials", html: trials(source) },
  ];
}

/** Metrics of a kind together, the one that decides first. */
function families({ summary, primary }: Source): readonly (readonly [string, readonly string[]])[] {
  const held = new Map<string, readonly string[]>();
  if (summary.metrics.includes(primary)) held.set(metricFamily(primary), []);
  for (const metric of summary.metrics) {
    const family = metricFamily(metric);
    held.set(family, [...(held.get(family) ?? []), metric]);
  }
  return [...held];
}

function curveMetrics({ summary, plan, primary }: Source): readonly string[] {
  const [head] = metricParts(primary);
  const wanted = [primary, ...plan.base.metrics, ...plan.base.tasks.map((task) => `${head}/${task}`)];
  return [...new Set(wanted)].filter((metric) => summary.metrics.includes(metric)).slice(0, mostCurves);
}

/** How many points each pool could choose from: an unequal number is an unequal chance. */
function budget({ summary, rows }: Source): string {
  const counts = summary.contenders.map(({ label }) =>
    Math.max(1, summary.grid.filter((cell) => cell.label === label).length),
  );
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const who = rows.flatMap(({ label }, k) => (counts[k] === most ? label : []));
  const chances =
    least === most
      ? `Each had ${most} points to choose from.`
      : `They had ${least} to ${most} points to choose from, ${list(who)} the most: more points are more chances.`;
  return `The point with the best validation metric was run with all seeds. ${chances}`;
}
