import { type ClassificationMetric, type GaucWeighting, parseMetric, type RatingMetric } from "../names.js";
import { fail } from "../errors.js";
import { auc, aucPerUser, gauc } from "./auc.js";
import { entropyAt } from "./entropy.js";
import { checkLabels, countPositives } from "./labels.js";
import { lossOf } from "./running.js";

export interface LabelledRows {
  /** Predicted probabilities, one per row. */
  readonly probabilities: ArrayLike<number>;
  /** 0 or 1. */
  readonly labels: ArrayLike<number>;
  /** The user of each row. */
  readonly users: ArrayLike<number>;
}

export interface ValuesPerUser {
  /** In order of appearance. */
  readonly users: Int32Array;
  /** By metric, a value for each user. Metrics that are undefined are left out. */
  readonly values: Readonly<Record<string, Float64Array>>;
}

/**
 * Metrics of labelled rows as means over users, so that what is done with means can be done with them: intervals, paired tests.
 * AUC and its kin are no means of anything that a user has alone; user u of n stands for the metric's value plus n times the
 * user's first-order share of it, Σ over the user's rows of the influence of a row (the infinitesimal jackknife's pseudo-values,
 * Jaeckel 1972). Their mean is the metric exactly, and sd/√n its standard error with users, not rows, as what was drawn: for AUC
 * the estimate for clustered data of Obuchowski (Biometrics 53, 1997), which with a row for each user is that of DeLong et al.
 * (Biometrics 44, 1988) up to the factors m/(m − 1) of classes of m rows.
 *
 * Errors: `invalid-input` as of `evaluateClassification`, and for users that do not match.
 */
export function valuesPerUser(
  { probabilities, labels, users }: LabelledRows,
  metrics: readonly string[],
): ValuesPerUser {
  checkLabels(probabilities, labels, where);
  if (users.length !== labels.length)
    fail(where, `${users.length} users for ${labels.length} labels`, "pass one per row");
  const group = new Map<number, number>();
  const groupOf = Int32Array.from({ length: users.length }, (_, row) => {
    const user = users[row]!;
    const held = group.get(user);
    if (held !== undefined) return held;
    group.set(user, group.size);
    return group.size - 1;
  });
  const rows = { probabilities, labels, users, groupOf, count: group.size };
  const values: Record<string, Float64Array> = {};
  for (const name of metrics) {
    const metric = parseMetric(name);
    if (metric.family !== "classification" && metric.family !== "rating") continue;
    const { value, shares } = sharesOf(metric, rows);
    if (Number.isNaN(value)) continue;
    values[metric.name] = shares.map((share) => value + group.size * share);
  }
  return { users: Int32Array.from(group.keys()), values };
}

const where = "valuesPerUser";

interface GroupedRows extends LabelledRows {
  readonly groupOf: Int32Array;
  readonly count: number;
}

/** A metric and each user's share of its deviation: the shares sum to 0. */
interface Shares {
  readonly value: number;
  readonly shares: Float64Array;
}

function sharesOf(metric: ClassificationMetric | RatingMetric, rows: GroupedRows): Shares {
  const { probabilities: p, labels: y } = rows;
  if (metric.metric === "auc") return aucShares(rows);
  if (metric.metric === "gauc") return gaucShares(rows, metric.weighting);
  if (metric.metric === "mae") return meanShares(rows, (row) => Math.abs(p[row]! - y[row]!));
  if (metric.metric === "rmse") {
    const { value, shares } = meanShares(rows, (row) => (p[row]! - y[row]!) ** 2);
    const root = Math.sqrt(value);
    return { value: root, shares: root === 0 ? shares : shares.map((share) => share / (2 * root)) };
  }
  const loss = meanShares(rows, (row) => lossOf(p[row]!, y[row]!));
  if (metric.metric === "logloss") return loss;
  // NE = L / H(r): its differential is dL / H − L / H² · ln((1 − r)/r) dr.
  const rate = meanShares(rows, (row) => y[row]!);
  const r = rate.value;
  const entropy = entropyAt(r);
  const slope = (loss.value / entropy ** 2) * Math.log((1 - r) / r);
  return {
    value: r > 0 && r < 1 ? loss.value / entropy : Number.NaN,
    shares: loss.shares.map((share, user) => share / entropy - slope * rate.shares[user]!),
  };
}

function meanShares({ labels, groupOf, count }: GroupedRows, of: (row: number) => number): Shares {
  const n = labels.length;
  const own = Float64Array.from({ length: n }, (_, row) => of(row));
  const value = own.reduce((sum, x) => sum + x, 0) / n;
  const shares = new Float64Array(count);
  for (let row = 0; row < n; row++) shares[groupOf[row]!]! += (own[row]! - value) / n;
  return { value, shares };
}

/** A positive's influence is (the negatives below it − AUC) / positives, a negative's alike; ties count one half. */
function aucShares({ probabilities, labels, groupOf, count }: GroupedRows): Shares {
  const value = auc(probabilities, labels);
  const positives = countPositives(labels, where);
  const negatives = labels.length - positives;
  const order = Int32Array.from({ length: labels.length }, (_, row) => row);
  order.sort((a, b) => probabilities[a]! - probabilities[b]!);
  const shares = new Float64Array(count);
  let [above, below] = [positives, 0];
  for (let from = 0; from < order.length;) {
    let to = from;
    let tied = 0;
    for (; to < order.length && probabilities[order[to]!] === probabilities[order[from]!]; to++) {
      tied += labels[order[to]!]!;
    }
    const others = to - from - tied;
    above -= tied;
    for (let k = from; k < to; k++) {
      const row = order[k]!;
      const own =
        labels[row] === 1
          ? ((below + others / 2) / negatives - value) / positives
          : ((above + tied / 2) / positives - value) / negatives;
      shares[groupOf[row]!]! += own;
    }
    below += others;
    from = to;
  }
  return { value, shares };
}

/** A ratio of sums over users: w (AUC of the user − GAUC) / Σ w; users of one class have none. */
function gaucShares(
  { probabilities, labels, groupOf, count }: GroupedRows,
  weighting: GaucWeighting = "impressions",
): Shares {
  const own = aucPerUser(probabilities, labels, groupOf);
  const value = gauc(own, weighting);
  const weights = own.auc.map((_, k) => (weighting === "mean" ? 1 : own[weighting][k]!));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = new Float64Array(count);
  own.users.forEach((user, k) => (shares[user] = (weights[k]! * (own.auc[k]! - value)) / total));
  return { value, shares };
}
