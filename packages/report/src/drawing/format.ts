import { metricNames, metricParts, parseMetric } from "@gradpool/metrics";

const minus = (text: string): string => text.replace("-", "−");

/** A metric: four decimals, as papers print them; more where it is tiny. */
export function metric(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return minus(value.toPrecision(2));
  return minus(value.toFixed(size < 10 ? 4 : 2));
}

/** A spread around a metric, to the metric's four decimals. */
export const spread = (value: number): string =>
  value !== 0 && value < 0.00005 ? value.toExponential(0).replace("-", "−") : value.toFixed(value < 10 ? 4 : 2);

/** A fraction as a signed percentage. */
export function percent(value: number): string {
  const size = Math.abs(value * 100);
  const text = size.toFixed(size < 10 ? 2 : 1);
  if (Number(text) === 0) return "0 %";
  return `${value > 0 ? "+" : "−"}${text} %`;
}

export function pValue(value: number): string {
  return value < 0.001 ? "< 0.001" : value.toFixed(3);
}

/** Any quantity, to three significant digits or as a whole number. */
export function quantity(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return minus(group(Math.round(value)));
  if (size >= 100 || Number.isInteger(value)) return minus(String(Math.round(value)));
  if (size !== 0 && size < 0.001) return minus(value.toExponential(1));
  return minus(String(Number(value.toPrecision(3))));
}

/** Digits in groups of three, parted by a space. */
export const group = (value: number): string => String(value).replaceAll(/\B(?=(\d{3})+(?!\d))/g, " ");

/** The same format for ticks over a range, with more digits where neighbours would read alike. */
export function forTicks(
  format: (value: number) => string,
  [low, high]: readonly [number, number],
  count: number,
): (value: number) => string {
  const step = (high - low) / count;
  const texts = Array.from({ length: count + 1 }, (_, k) => format(low + k * step));
  if (!(step > 0) || new Set(texts).size === texts.length) return format;
  const digits = Math.min(9, Math.max(0, Math.ceil(-Math.log10(step))));
  return (value) => minus(value.toFixed(digits));
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${quantity(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** "one seed", "3 seeds". */
export const count = (n: number, word: string, plural: string = `${word}s`): string =>
  n === 1 ? `one ${word}` : `${group(n)} ${plural}`;

/** "a, b and c". */
export const list = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** Five significant digits: what embedded data is kept to. */
export const short = (value: number | null | undefined): number | null =>
  value === null || value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(5));

/** `{ lr: 0.01, tau: 1 }` as `lr = 0.01, tau = 1`. */
export const point = (values: Readonly<Record<string, number | string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");

const words: Readonly<Record<string, string>> = {
  recall: "Recall",
  precision: "Precision",
  coverage: "Coverage",
  gini: "Gini",
  popularity: "Popularity",
  logloss: "Log loss",
};

/** `ndcg@10` as `NDCG@10`, `auc/like` as `AUC · like`, `ndcg@10/sampled99` as `NDCG@10 among 1 + 99`. */
export function metricLabel(name: string): string {
  const [head, task] = metricParts(name);
  const label = head
    .replace(/^[a-z]+/, (word) => words[word] ?? word.toUpperCase())
    .replace(/\/sampled(\d+)$/, " among 1 + $1");
  return task === undefined ? label : `${label} · ${task}`;
}

/** What is drawn on one axis: the metric without its K, sampled rankings apart from whole ones. */
export const metricFamily = (name: string): string => metricLabel((metricParts(name)[0] as string).replace(/@\d+/, ""));

const falling: readonly string[] = metricNames.filter((name) => !parseMetric(name.replace("@K", "@1")).higherIsBetter);

/** `ndcg@10/buy` is judged as `ndcg@10` is; a name that is nobody's is taken to rise. */
export const lowerIsBetter = (name: string): boolean =>
  falling.includes(metricParts(name)[0].toLowerCase().replace(/@\d+$/, "@K"));
