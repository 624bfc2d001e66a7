import { fail } from "../errors.js";
import { tQuantile } from "./distributions.js";

export interface Summary {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n − 1); NaN for one value. */
  readonly sd: number;
  /** Bounds of the t interval for the mean; NaN for one value. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * Mean, standard deviation and t interval: mean ± t(1 − (1 − confidence)/2, n − 1) · sd / √n.
 *
 * Errors: `invalid-input` for no values or NaN among them, so that a failed seed cannot pass for a measured one.
 */
export function summarize(values: ArrayLike<number>, confidence: number = 0.95): Summary {
  const n = values.length;
  if (n === 0) fail("summarize", "no values", "pass at least one");
  if (!(confidence > 0 && confidence < 1)) {
    fail("summarize", `confidence is ${confidence}`, "pass a number between 0 and 1, such as 0.95");
  }
  checkNumbers(values, "summarize");
  const { mean, sd } = moments(values);
  const half = n > 1 ? (tQuantile(0.5 + confidence / 2, n - 1) * sd) / Math.sqrt(n) : Number.NaN;
  return { n, mean, sd, lower: mean - half, upper: mean + half };
}

export function checkNumbers(values: ArrayLike<number>, where: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]))
      fail(where, `value ${i} is ${values[i]}`, "leave failed runs out of the comparison");
  }
}

/** Two passes: the sum of squared deviations keeps its digits however large the mean. Equal values do not scatter by the sum's rounding. */
export function moments(values: ArrayLike<number>): { mean: number; sd: number } {
  const n = values.length;
  let [sum, equal] = [0, true];
  for (let i = 0; i < n; i++) {
    sum += values[i]!;
    equal &&= values[i] === values[0];
  }
  if (equal && n > 1) return { mean: values[0]!, sd: 0 };
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2;
  return { mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : Number.NaN };
}
