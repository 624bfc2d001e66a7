import { type ClassificationMetric, parseMetric, type RatingMetric } from "../names.js";
import type { MetricReport, UndefinedMetric } from "../report.js";
import { gauc, type UserAuc } from "./auc.js";
import { normalizedEntropyAt } from "./entropy.js";
import { notLabelled, whyUndefined } from "./evaluate.js";
import type { RunningSums } from "./running.js";

/** Some labelled rows. */
export interface RowChunk {
  readonly size: number;
  readonly probabilities: Float64Array;
  /** 0 or 1. */
  readonly labels: Uint8Array;
  /** The place of each row's user in `users` of {@link SortedRows}. */
  readonly places: Int32Array;
}

/** Labelled rows that need not be in memory. */
export interface SortedRows {
  /** The users, in the order of their first rows. */
  readonly users: Int32Array;
  /** Over all rows, in the order in which they came. */
  readonly sums: Readonly<RunningSums>;
  /** The rows by ascending probability, from the first on with every call. A chunk is overwritten by the next. */
  chunks(): Iterable<RowChunk>;
}

/**
 * What `evaluateClassification` and `evaluateRatings` answer, of rows that are read in the order of their probabilities: exact, with memory
 * for the users and not for the rows. AUC's and GAUC's counts are whole numbers, so that they are the same to the last bit below 2⁵³ pairs.
 *
 * @throws GradpoolError: `unknown-option` for a name, `invalid-option` for a metric that is not of labelled rows.
 */
export function evaluateSorted(rows: SortedRows, metrics: readonly string[]): MetricReport {
  const { sums } = rows;
  let ranked: Ranked | undefined;
  const values: Record<string, number> = {};
  const missing: UndefinedMetric[] = [];
  for (const name of metrics) {
    const metric = labelledMetric(name);
    const value = valueOf(metric, sums, () => (ranked ??= rankSorted(rows)));
    values[metric.name] = value;
    if (Number.isNaN(value)) missing.push({ metric: metric.name, reason: whyUndefined(metric, sums) });
  }
  return { values, undefined: missing };
}

type Labelled = ClassificationMetric | RatingMetric;

function labelledMetric(name: string): Labelled {
  const metric = parseMetric(name);
  if (metric.family === "classification" || metric.family === "rating") return metric;
  throw notLabelled(metric);
}

function valueOf(metric: Labelled, sums: Readonly<RunningSums>, ranked: () => Ranked): number {
  const { rows, positives, loss, squares, absolutes } = sums;
  switch (metric.metric) {
    case "auc":
      return ranked().auc;
    case "gauc":
      return gauc(ranked().perUser, metric.weighting);
    case "logloss":
      return loss / rows;
    case "ne":
      return normalizedEntropyAt(loss / rows, positives / rows);
    case "rmse":
      return Math.sqrt(squares / rows);
    case "mae":
      return absolutes / rows;
  }
}

interface Ranked {
  readonly auc: number;
  readonly perUser: UserAuc;
}

/** For each of some groups of rows: twice the pairs that its positives win, counted as rows come by ascending score. */
function counter(groups: number) {
  const score = new Float64Array(groups).fill(Number.NaN);
  const wins = new Float64Array(groups);
  const below = new Float64Array(groups);
  const positives = new Float64Array(groups);
  const tied = [new Float64Array(groups), new Float64Array(groups)] as const;
  const settle = (group: number): void => {
    const [negative, positive] = [tied[0][group]!, tied[1][group]!];
    wins[group]! += positive * (2 * below[group]! + negative);
    below[group]! += negative;
    positives[group]! += positive;
    tied[0][group] = 0;
    tied[1][group] = 0;
  };
  return {
    add(group: number, probability: number, label: number): void {
      if (score[group] !== probability) {
        settle(group);
        score[group] = probability;
      }
      (label === 1 ? tied[1] : tied[0])[group]!++;
    },
    end(): { readonly wins: Float64Array; readonly positives: Float64Array; readonly negatives: Float64Array } {
      for (let group = 0; group < groups; group++) settle(group);
      return { wins, positives, negatives: below };
    },
  };
}

/** One pass: the AUC of all rows, and of each user by itself. */
export function rankSorted({ users, chunks }: Pick<SortedRows, "users" | "chunks">): Ranked {
  const all = counter(1);
  const own = counter(users.length);
  for (const { size, probabilities, labels, places } of chunks()) {
    for (let row = 0; row < size; row++) {
      all.add(0, probabilities[row]!, labels[row]!);
      own.add(places[row]!, probabilities[row]!, labels[row]!);
    }
  }
  const whole = all.end();
  const { wins, positives, negatives } = own.end();
  const kept = [...users.keys()].filter((user) => positives[user]! > 0 && negatives[user]! > 0);
  return {
    auc: whole.wins[0]! / 2 / (whole.positives[0]! * whole.negatives[0]!),
    perUser: {
      users: Int32Array.from(kept, (user) => users[user]!),
      auc: Float64Array.from(kept, (user) => wins[user]! / 2 / (positives[user]! * negatives[user]!)),
      impressions: Float64Array.from(kept, (user) => positives[user]! + negatives[user]!),
      positives: Float64Array.from(kept, (user) => positives[user]!),
    },
  };
}
