import { type ClassificationMetric, type GaucWeighting, parseMetric, type RatingMetric } from "../names.js";
import { gauc } from "./auc.js";
import { entropyAt } from "./entropy.js";
import type { ValuesPerUser } from "./per-user.js";
import { lossOf } from "./running.js";
import { rankSorted, type SortedRows } from "./sorted.js";

/** `valuesPerUser` of rows that are read in the order of their probabilities, with memory for the users and not for the rows. */
export function valuesPerUserSorted(rows: SortedRows, metrics: readonly string[]): ValuesPerUser {
  const sums = sumsPerUser(rows);
  const { length: count } = rows.users;
  const values: Record<string, Float64Array> = {};
  for (const name of metrics) {
    const metric = parseMetric(name);
    if (metric.family !== "classification" && metric.family !== "rating") continue;
    const { value, shares } = sharesOf(metric, rows, sums);
    if (Number.isNaN(value)) continue;
    values[metric.name] = shares.map((share) => value + count * share);
  }
  return { users: rows.users.slice(), values };
}

interface UserSums {
  readonly rows: Float64Array;
  readonly positives: Float64Array;
  readonly loss: Float64Array;
  readonly squares: Float64Array;
  readonly absolutes: Float64Array;
}

function sumsPerUser({ users, chunks }: SortedRows): UserSums {
  const sums = (): Float64Array => new Float64Array(users.length);
  const held = { rows: sums(), positives: sums(), loss: sums(), squares: sums(), absolutes: sums() };
  for (const { size, probabilities, labels, places } of chunks()) {
    for (let row = 0; row < size; row++) {
      const [user, p, y] = [places[row]!, probabilities[row]!, labels[row]!];
      held.rows[user]!++;
      held.positives[user]! += y;
      held.loss[user]! += lossOf(p, y);
      held.squares[user]! += (p - y) ** 2;
      held.absolutes[user]! += Math.abs(p - y);
    }
  }
  return held;
}

interface Shares {
  readonly value: number;
  readonly shares: Float64Array;
}

/** A mean's: Σ over the user's rows of (x − mean) / n. */
function meanShares(sums: Float64Array, total: number, { rows }: UserSums, n: number): Shares {
  const value = total / n;
  return { value, shares: sums.map((sum, user) => (sum - rows[user]! * value) / n) };
}

function sharesOf(metric: ClassificationMetric | RatingMetric, rows: SortedRows, own: UserSums): Shares {
  const { rows: n, positives, loss, squares, absolutes } = rows.sums;
  if (metric.metric === "auc") return aucShares(rows);
  if (metric.metric === "gauc") return gaucShares(rows, metric.weighting);
  if (metric.metric === "mae") return meanShares(own.absolutes, absolutes, own, n);
  if (metric.metric === "rmse") {
    const { value, shares } = meanShares(own.squares, squares, own, n);
    const root = Math.sqrt(value);
    return { value: root, shares: root === 0 ? shares : shares.map((share) => share / (2 * root)) };
  }
  const losses = meanShares(own.loss, loss, own, n);
  if (metric.metric === "logloss") return losses;
  // NE = L / H(r): its differential is dL / H − L / H² · ln((1 − r)/r) dr.
  const rate = meanShares(own.positives, positives, own, n);
  const entropy = entropyAt(rate.value);
  const slope = (losses.value / entropy ** 2) * Math.log((1 - rate.value) / rate.value);
  return {
    value: rate.value > 0 && rate.value < 1 ? losses.value / entropy : Number.NaN,
    shares: losses.shares.map((share, user) => share / entropy - slope * rate.shares[user]!),
  };
}

/** A positive's influence is (the negatives below it − AUC) / positives, a negative's alike; ties count one half. */
function aucShares({ users, sums, chunks }: SortedRows): Shares {
  const { auc: value } = rankSorted({ users, chunks });
  const [positives, negatives] = [sums.positives, sums.rows - sums.positives];
  const shares = new Float64Array(users.length);
  const tied = [new Float64Array(users.length), new Float64Array(users.length)] as const;
  let met: number[] = [];
  let [score, above, below] = [Number.NaN, positives, 0];
  let count: [number, number] = [0, 0];
  const settle = (): void => {
    const [others, same] = count;
    above -= same;
    const win = ((below + others / 2) / negatives - value) / positives;
    const loss = ((above + same / 2) / positives - value) / negatives;
    for (const user of met) {
      shares[user]! += tied[1][user]! * win + tied[0][user]! * loss;
      tied[0][user] = 0;
      tied[1][user] = 0;
    }
    below += others;
    met = [];
    count = [0, 0];
  };
  for (const { size, probabilities, labels, places } of chunks()) {
    for (let row = 0; row < size; row++) {
      if (probabilities[row] !== score) {
        settle();
        score = probabilities[row]!;
      }
      const [user, label] = [places[row]!, labels[row] as 0 | 1];
      if (tied[0][user] === 0 && tied[1][user] === 0) met.push(user);
      tied[label][user]!++;
      count[label]++;
    }
  }
  settle();
  return { value, shares };
}

/** A ratio of sums over users: w (AUC of the user − GAUC) / Σ w; users of one class have none. */
function gaucShares(rows: SortedRows, weighting: GaucWeighting = "impressions"): Shares {
  const { perUser } = rankSorted(rows);
  const value = gauc(perUser, weighting);
  const weights = perUser.auc.map((_, k) => (weighting === "mean" ? 1 : perUser[weighting][k]!));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const places = new Map(Array.from(rows.users, (user, place) => [user, place] as const));
  const shares = new Float64Array(rows.users.length);
  perUser.users.forEach((user, k) => {
    shares[places.get(user)!] = (weights[k]! * (perUser.auc[k]! - value)) / total;
  });
  return { value, shares };
}
