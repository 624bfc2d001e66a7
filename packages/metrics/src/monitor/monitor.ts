import { leadersByRank, meanRanks, type Rows, undominated } from "./ranks.js";
import { bad, type Evaluated, isKnown, rises, type Term, termOf, termsOf, unread, valueOf } from "./terms.js";

/** What a run is judged by, made of the metrics that an evaluation gives: one number, or ranks over several. */
export interface Monitor {
  /** As it was written. */
  readonly text: string;
  /** Of `value` and `scores`; low ranks are better. */
  readonly direction: "max" | "min";
  /** The metrics that it names, means by the name inside. */
  readonly names: readonly string[];
  /** What an evaluation is worth depends on those that it is judged among. */
  readonly ranked: boolean;
  /** What a line can say of one evaluation alone: of ranks the first of their metrics. */
  readonly alone: Pick<Monitor, "text" | "value">;
  /** Its value, of ranks 1; NaN where one of its metrics has none. Error `invalid-option` for a metric that is not among them. */
  value(metrics: Evaluated): number;
  /** What each of several is judged by: its value, or its mean rank among them, 1 the best, equal values sharing the mean of theirs. */
  scores(all: readonly Evaluated[]): readonly number[];
  /** For each beginning of a series the index of its best, the earliest of equals; -1 where none has a value. */
  leaders(all: readonly Evaluated[]): readonly number[];
  /** Indices of those of which one is the best of the series, whatever follows: the best of a value so far, several by rank. */
  candidates(all: readonly Evaluated[]): readonly number[];
}

/**
 * Reads what to watch: a metric as a run prints it (`ndcg@10`, `auc/like`), the mean of one over the tasks that have it,
 * `mean(auc)`, or a sum of such with factors: `auc/like + 0.5*auc/watch - 0.1*logloss/like`. A minus stands between spaces, since
 * tasks may have hyphens in their names. Or `rank(ndcg@10, recall@10)`: the mean rank over metrics, each in its own direction, among all
 * evaluations.
 *
 * `direction`: of metrics that only the caller knows; without it they are taken to rise. Errors `invalid-option`: what cannot be read,
 * and a sum of which one part should rise and another fall.
 */
export function readMonitor(text: string, direction?: "max" | "min"): Monitor {
  const [, inside] = /^\s*rank\((.*)\)\s*$/is.exec(text) ?? [];
  return inside === undefined ? valued(text, direction) : ranked(text, inside, direction);
}

function valued(text: string, direction: "max" | "min" | undefined): Monitor {
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
  const value = (metrics: Evaluated): number =>
    terms.reduce((sum, term) => sum + term.factor * valueOf(term, metrics), 0);
  const sign = ways[0] === "max" ? 1 : -1;
  const leaders = (all: readonly Evaluated[]): readonly number[] => {
    let [best, held] = [-1, -Infinity];
    return all.map((metrics, k) => {
      const now = sign * value(metrics);
      if (!Number.isNaN(now) && (best < 0 || now > held)) [best, held] = [k, now];
      return best;
    });
  };
  return {
    text,
    direction: ways[0] as "max" | "min",
    names: terms.map(({ name }) => name),
    ranked: false,
    alone: { text, value },
    value,
    scores: (all) => all.map(value),
    leaders,
    candidates: (all) =>
      leaders(all)
        .slice(-1)
        .filter((k) => k >= 0),
  };
}

function ranked(text: string, inside: string, direction: "max" | "min" | undefined): Monitor {
  const terms = inside.split(",").map((piece) => termOf(piece, 1, text));
  if (terms.some(({ factor }) => factor !== 1)) throw unread(text);
  const signs = terms.map(({ name }) => (rises(name, isKnown(name) ? undefined : direction) ? 1 : -1));
  const rows = (all: readonly Evaluated[]): Rows =>
    all.map((metrics) => terms.map((term, m) => (signs[m] as number) * valueOf(term, metrics)));
  const scores = (all: readonly Evaluated[]): readonly number[] => meanRanks(rows(all));
  const [first, [lead]] = [inside.split(",")[0] as string, terms as [Term, ...Term[]]];
  return {
    text,
    direction: "min",
    names: terms.map(({ name }) => name),
    ranked: true,
    alone: { text: first.trim(), value: (metrics) => valueOf(lead, metrics) },
    value: (metrics) => scores([metrics])[0] as number,
    scores,
    leaders: (all) => leadersByRank(rows(all)),
    candidates: (all) => undominated(rows(all)),
  };
}
