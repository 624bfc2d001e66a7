import { GradpoolError } from "@gradpool/core";
import { metricNames, metricParts, parseMetric } from "../names.js";

/** What an evaluation gave: null where a metric has no value. */
export type Evaluated = Readonly<Record<string, number | null>>;

export interface Term {
  readonly factor: number;
  readonly name: string;
  /** The mean over all tasks for which the metric is given: `mean(auc)`. */
  readonly mean: boolean;
}

export function termsOf(text: string): readonly Term[] {
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

export function termOf(piece: string, sign: number, text: string): Term {
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

/** A metric of this package, of a task or not: its direction is known. */
export const isKnown = (name: string): boolean => metricNames.some((known) => known === patternOf(name));

const patternOf = (name: string): string => metricParts(name)[0].replace(/@\d+$/, "@K");

/** Whether more of a metric is better; `direction`: of those that only the caller knows. */
export function rises(name: string, direction: "max" | "min" | undefined): boolean {
  if (direction !== undefined) return direction === "max";
  return !falling.includes(patternOf(name));
}

export function valueOf({ name, mean }: Term, metrics: Evaluated): number {
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

export const unread = (text: string): GradpoolError =>
  bad(
    `cannot read ${JSON.stringify(text)}`,
    "give a metric as the run prints it, mean(metric), a sum: auc/like + 0.5*auc/watch, or rank(metric, metric)",
  );

export const bad = (what: string, remedy: string): GradpoolError =>
  new GradpoolError({ code: "invalid-option", what, where: "monitor", remedy });
