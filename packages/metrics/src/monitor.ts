import { GradpoolError } from "@gradpool/core";
import { metricNames, metricParts, parseMetric } from "./names.js";

/** What a run is judged by: one number made of the metrics that an evaluation gives. */
export interface Monitor {
  /** As it was written. */
  readonly text: string;
  readonly direction: "max" | "min";
  /** The metrics that it names, means by the name inside. */
  readonly names: readonly string[];
  /** Its value; NaN where one of its metrics has none. Error `invalid-option` for a metric that is not among them. */
  value(metrics: Readonly<Record<string, number | null>>): number;
}

interface Term {
  readonly factor: number;
  readonly name: string;
  /** The mean over all tasks for which the metric is given: `mean(auc)`. */
  readonly mean: boolean;
}

/**
 * Reads what to watch: a metric as a run prints it (`ndcg@10`, `auc/like`), the mean of one over the tasks that have it,
 * `mean(auc)`, or a sum of such with factors: `auc/like + 0.5*auc/watch - 0.1*logloss/like`. A minus stands between spaces, since
 * tasks may have hyphens in their names.
 *
 * `direction`: of metrics that only the caller knows; without it they are taken to rise. Errors `invalid-option`: what cannot be read,
 * and a sum of which one part should rise and another fall.
 */
export function readMonitor(text: string, direction?: "max" | "min"): Monitor {
  const terms = termsOf(text);
  const ways = [...new Set(terms.map(({ factor, name }) => (rises(name, direction) === factor > 0 ? "max" : "min")))];
  if (ways.length > 1) {
    const [up, down] = ["max", "min"].map((way) =>
      terms.filter(({ factor, name }) => (rises(name, direction) === factor > 0 ? "max" : "min") === way),
    ) as [Term[], Term[]];
    throw bad(
      `${text} wants ${up[0]?.name} to rise and ${down[0]?.name} to fall, and adds them up`,
      "subtract what should be low, as in auc/like - 0.1*logloss/like",
    );
  }
  return {
    text,
    direction: ways[0] as "max" | "min",
    names: terms.map(({ name }) => name),
    value: (metrics) => terms.reduce((sum, term) => sum + term.factor * valueOf(term, metrics), 0),
  };
}

function termsOf(text: string): readonly Term[] {
  // Between spaces a sign joins; inside a word it belongs to a task's name.
  const parts = text.trim().split(/\s*(\+)\s*|\s+(-)\s+/);
  const pieces = parts.filter((part) => part !== undefined);
  if (pieces.length % 2 === 0) throw unread(text);
  const terms: Term[] = [];
  for (let k = 0; k < pieces.length; k += 2) {
    const sign = k === 0 || pieces[k - 1] === "+" ? 1 : -1;
    terms.push(termOf(pieces[k] as string, sign, text));
  }
  return terms;
}

function termOf(piece: string, sign: number, text: string): Term {
  const [, minus, factor, inside, plain] =
    /^(-)?\s*(?:(\d+(?:\.\d+)?(?:e-?\d+)?)\s*\*\s*)?(?:mean\(\s*([^\s()*]+)\s*\)|([^\s()*]+))$/i.exec(piece.trim()) ??
    [];
  const name = inside ?? plain;
  if (name === undefined) throw unread(text);
  const size = factor === undefined ? 1 : Number(factor);
  if (!(size > 0 && size < Infinity)) throw unread(text);
  return { factor: (minus === undefined ? sign : -sign) * size, name: canonical(name), mean: inside !== undefined };
}

/** A metric's own name in lower case; a task's as it is. */
function canonical(name: string): string {
  const [metric, task] = metricParts(name);
  const own = metric.toLowerCase().replace(/^hit@/, "hr@");
  return task === undefined ? own : `${own}/${task}`;
}

const falling: readonly string[] = metricNames.filter((name) => !parseMetric(name.replace("@K", "@1")).higherIsBetter);

function rises(name: string, direction: "max" | "min" | undefined): boolean {
  if (direction !== undefined) return direction === "max";
  return !falling.includes(metricParts(name)[0].replace(/@\d+$/, "@K"));
}

function valueOf({ name, mean }: Term, metrics: Readonly<Record<string, number | null>>): number {
  if (!mean) {
    // Looked up as it is written first: a caller's own metrics may have capitals.
    const key = Object.keys(metrics).find((known) => known === name || canonical(known) === name);
    if (key === undefined) throw noMetric(name, Object.keys(metrics));
    return metrics[key] ?? Number.NaN;
  }
  const own = Object.entries(metrics).filter(([key]) => {
    const [metric, task] = metricParts(canonical(key));
    return metric === name && task !== undefined && !task.includes("|");
  });
  if (own.length === 0) return valueOf({ factor: 1, name, mean: false }, metrics);
  const known = own.flatMap(([, value]) => (value === null || Number.isNaN(value) ? [] : [value]));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The error for a metric to watch that the evaluation does not give. */
function noMetric(name: string, given: readonly string[]): GradpoolError {
  const remedy = given.length === 0 ? "let evaluate answer with { name: number }" : `watch one of ${given.join(", ")}`;
  return bad(`the evaluation gives no ${name}`, remedy);
}

const unread = (text: string): GradpoolError =>
  bad(
    `cannot read ${JSON.stringify(text)}`,
    "give a metric as the run prints it, mean(metric), or a sum: auc/like + 0.5*auc/watch",
  );

const bad = (what: string, remedy: string): GradpoolError =>
  new GradpoolError({ code: "invalid-option", what, where: "monitor", remedy });
