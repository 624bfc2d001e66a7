import { splitPools } from "@gradpool/registry";
import { optionError } from "@gradpool/runs";

/** Numbers between two ends, both included; `log`: each factor as likely as the other. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly integer: boolean;
}

/** What a name may be: one of some values, or anything of a range. */
export type Dimension = readonly (number | string)[] | Range;

/** A value for each name. */
export type Point = Readonly<Record<string, number | string>>;

export type Space = Readonly<Record<string, Dimension>>;

/** How the points of a comparison are searched, where that is not a grid. The same for every contender. */
export interface Search {
  readonly strategy: "random" | "halving";
  /** Points of each contender. */
  readonly trials: number;
  /** Of the points: another one is another sequence. */
  readonly seed: number;
  readonly space: Space;
}

export const isRange = (dimension: Dimension): dimension is Range => !Array.isArray(dimension);

const number = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`;
const between = new RegExp(`^(${number})\\s*\\.\\.\\s*(${number})$`, "i");
const logarithmic = new RegExp(`^log\\(\\s*(${number})\\s*,\\s*(${number})\\s*\\)$`, "i");

/** Reads `16,32,64`, `0..1` and `log(1e-4,1e-1)`. `integer`: what the option itself takes. */
export function readDimension(text: string, where: string, integer: boolean = false): Dimension {
  const [, low, high] = logarithmic.exec(text.trim()) ?? between.exec(text.trim()) ?? [];
  if (low !== undefined && high !== undefined) {
    const log = /^\s*log/i.test(text);
    return checkRange({ low: Number(low), high: Number(high), log, integer }, text, where);
  }
  const values = splitPools(text).map((value) => (Number.isNaN(Number(value)) ? value : Number(value)));
  if (values.length > 0) return values;
  throw optionError(`cannot read ${text || "an empty range"}`, where, "write A,B,C, LOW..HIGH or log(LOW,HIGH)");
}

function checkRange(range: Range, text: string, where: string): Range {
  const { low, high, log, integer } = range;
  if (!(low < high))
    throw optionError(`${text} has no width`, where, "give the lower end first, and another as the upper");
  if (log && !(low > 0)) throw optionError(`${text} reaches zero`, where, "a logarithmic range begins above 0");
  if (integer && !(Number.isSafeInteger(low) && Number.isSafeInteger(high)))
    throw optionError(`${text} has ends that are no whole numbers`, where, "the option takes whole numbers");
  return range;
}

/** A range's value at a share u of it, 0 ≤ u < 1; of a list, the value that has that share. Four digits: they are read by people. */
export function valueAt(dimension: Dimension, u: number): number | string {
  if (!isRange(dimension)) return dimension[Math.floor(u * dimension.length)] as number | string;
  const { low, high, log, integer } = dimension;
  if (integer) {
    // Each whole number has its own share, those at the ends like all others.
    const at = log ? Math.exp(Math.log(low) + u * (Math.log(high + 1) - Math.log(low))) : low + u * (high + 1 - low);
    return Math.min(high, Math.floor(at));
  }
  const value = log ? low * (high / low) ** u : low + u * (high - low);
  return Math.min(high, Math.max(low, Number(value.toPrecision(4))));
}

/** Where a value lies, 0 at the lower end and 1 at the upper; of a list of numbers by their order. Null where there is no order. */
export function positionOf(dimension: Dimension, value: number | string): number | null {
  if (isRange(dimension)) {
    const { low, high, log } = dimension;
    const x = Number(value);
    return log ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low);
  }
  if (dimension.length < 2 || dimension.some((one) => typeof one !== "number")) return null;
  return [...dimension].sort((a, b) => Number(a) - Number(b)).indexOf(value) / (dimension.length - 1);
}

/** As it is written. */
export const dimensionText = (dimension: Dimension): string =>
  !isRange(dimension)
    ? dimension.join(", ")
    : dimension.log
      ? `log(${dimension.low},${dimension.high})`
      : `${dimension.low}..${dimension.high}`;
