import { fail } from "../errors.js";
import { normalTwoSided, tQuantile, tTwoSided } from "./distributions.js";
import { midranks } from "./ranks.js";
import { checkNumbers, moments } from "./summary.js";

export interface PairedT {
  readonly n: number;
  /** Mean of a − b. */
  readonly difference: number;
  /** 95 % interval of the mean difference; NaN for one pair. */
  readonly lower: number;
  readonly upper: number;
  readonly t: number;
  readonly degrees: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * Paired t-test, two-sided: t = mean(d) / (sd(d)/√n), d = a − b, n − 1 degrees of freedom.
 *
 * One pair: t and p are NaN. All differences 0: t = 0 and p = 1. All differences equal but not 0: t = ±Infinity, p = 0.
 */
export function pairedT(a: ArrayLike<number>, b: ArrayLike<number>): PairedT {
  const d = differences(a, b, "pairedT");
  const n = d.length;
  const { mean, sd } = moments(d);
  const error = sd / Math.sqrt(n);
  const t = mean === 0 && sd === 0 ? 0 : mean / error;
  const half = n > 1 ? tQuantile(0.975, n - 1) * error : Number.NaN;
  const p = n > 1 ? tTwoSided(t, n - 1) : Number.NaN;
  return { n, difference: mean, lower: mean - half, upper: mean + half, t, degrees: n - 1, p };
}

export interface Wilcoxon {
  /** Pairs with a difference other than 0. */
  readonly n: number;
  /** The smaller of the rank sums of positive and negative differences. */
  readonly statistic: number;
  /** Two-sided. */
  readonly p: number;
  /** `exact`: the distribution over all 2ⁿ signs; `normal`: its normal approximation. */
  readonly method: "exact" | "normal";
}

/** Up to this many pairs the distribution is computed exactly. */
const EXACT = 50;

/**
 * Wilcoxon signed-rank test, two-sided. Pairs without difference are dropped, equal differences share their mean rank.
 * Up to 50 pairs the p-value is exact, ties included; beyond, normal with the variance corrected for ties and no
 * continuity correction. No pair left: p = 1.
 */
export function wilcoxon(a: ArrayLike<number>, b: ArrayLike<number>): Wilcoxon {
  const d = differences(a, b, "wilcoxon").filter((value) => value !== 0);
  const n = d.length;
  if (n === 0) return { n, statistic: 0, p: 1, method: "exact" };
  const { ranks, ties } = midranks(d.map(Math.abs));
  let plus = 0;
  let minus = 0;
  for (let i = 0; i < n; i++) {
    if (d[i]! > 0) plus += ranks[i]!;
    else minus += ranks[i]!;
  }
  const statistic = Math.min(plus, minus);
  if (n <= EXACT) return { n, statistic, p: exactP(ranks, statistic), method: "exact" };
  let variance = (n * (n + 1) * (2 * n + 1)) / 24;
  for (const size of ties) variance -= (size ** 3 - size) / 48;
  const z = (statistic - (n * (n + 1)) / 4) / Math.sqrt(variance);
  return { n, statistic, p: normalTwoSided(z), method: "normal" };
}

/** Twice P(W ≤ statistic) over all equally likely signs. Ranks are doubled, which makes midranks whole numbers. */
function exactP(ranks: Float64Array, statistic: number): number {
  const total = ranks.length * (ranks.length + 1);
  const chance = new Float64Array(total + 1);
  chance[0] = 1;
  let reach = 0;
  for (const rank of ranks) {
    const step = 2 * rank;
    reach += step;
    for (let sum = reach; sum >= 0; sum--) chance[sum] = (chance[sum]! + (sum >= step ? chance[sum - step]! : 0)) / 2;
  }
  let tail = 0;
  for (let sum = 0; sum <= 2 * statistic; sum++) tail += chance[sum]!;
  return Math.min(1, 2 * tail);
}

function differences(a: ArrayLike<number>, b: ArrayLike<number>, where: string): Float64Array {
  if (a.length !== b.length)
    fail(where, `${a.length} values against ${b.length}`, "pass pairs: one value per seed and method");
  if (a.length === 0) fail(where, "no pairs", "pass at least one");
  checkNumbers(a, where);
  checkNumbers(b, where);
  return Float64Array.from({ length: a.length }, (_, i) => a[i]! - b[i]!);
}
