import { flatten } from "./records.js";

/** The largest magnitude among nested numbers. */
export const largest = (values: unknown): number => Math.max(...flatten(values).map(Math.abs));

/** True where some number is missing or not finite. */
export const hasNoAnswer = (value: unknown): boolean =>
  Array.isArray(value) ? value.some(hasNoAnswer) : typeof value !== "number" || !Number.isFinite(value);

export interface Closeness {
  /** Default 1e-9; 1e-6 for records made in float32. */
  readonly relative?: number;
  /** What errors are relative to; default: the largest expected coordinate. Give the inputs' size where terms cancel. */
  readonly scale?: number;
}

/** Throws, naming the first coordinate, unless `actual` is `expected` within a relative tolerance. */
export function expectClose(actual: unknown, expected: unknown, closeness: Closeness = {}): void {
  const a = flatten(actual);
  const e = flatten(expected);
  if (a.length !== e.length) throw new Error(`${a.length} numbers where ${e.length} are expected`);
  const { relative = 1e-9, scale = Math.max(...e.map(Math.abs), 0) } = closeness;
  e.forEach((want, k) => {
    const got = a[k] as number;
    if (!(Math.abs(got - want) <= relative * scale)) {
      throw new Error(
        `coordinate ${k} is ${got}, expected ${want} within ${relative * scale}: got [${a}], want [${e}]`,
      );
    }
  });
}
