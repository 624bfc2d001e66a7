import { evaluateClassification, evaluateRanking, parseMetric, rankTopK } from "@gradpool/metrics";
import type { MetricLike, MetricRows } from "@gradpool/testkit";

const catalogue = 20;

/** A metric of the package, evaluated from scored rows; rankings through `rankTopK`, as a run does. */
export function metricOf(name: string): MetricLike {
  const { family, higherIsBetter } = parseMetric(name);
  if (family === "ranking") {
    return {
      name,
      higherIsBetter,
      range: [0, 1],
      reads: "order",
      ties: true,
      undefinedFor: "no positive",
      evaluate: (rows) => ranked(name, rows),
    };
  }
  const values = name === "logloss" || name === "ne";
  return {
    name,
    higherIsBetter,
    range: values ? [0, Infinity] : [0, 1],
    reads: values ? "value" : "order",
    ties: true,
    undefinedFor: name === "logloss" ? "no rows" : "one class",
    evaluate: ({ users, scores, labels }) =>
      evaluateClassification({ probabilities: scores, labels, users, metrics: [name] }).values[name] as number,
  };
}

/** Each user's scores become a vector, and the items the axes: the product is the score itself. */
function ranked(name: string, { users, items, scores, labels }: MetricRows): number {
  const count = Math.max(-1, ...users) + 1;
  const vectors = new Float32Array(count * catalogue).fill(-1);
  const relevant: number[][] = Array.from({ length: count }, () => []);
  users.forEach((user, k) => {
    vectors[user * catalogue + (items[k] as number)] = scores[k] as number;
    if (labels[k] === 1) relevant[user]?.push(items[k] as number);
  });
  const axes = Float32Array.from({ length: catalogue ** 2 }, (_, k) => Number(k % (catalogue + 1) === 0));
  const offsets = relevant.reduce((ends, list) => [...ends, (ends.at(-1) as number) + list.length], [0]);
  const lists = { offsets, items: Int32Array.from(relevant.flatMap((list) => [...list].sort((a, b) => a - b))) };
  const topK = rankTopK({ users: vectors, items: axes, dim: catalogue, k: 10, threads: 1, relevant: lists });
  return evaluateRanking({ topK, relevant: lists, metrics: [name] }).values[name] as number;
}
