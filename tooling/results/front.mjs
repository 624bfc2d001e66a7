/** The front of static weights, pair by pair of tasks, and where each method stands against it: validation, seeds of the search. */
import { table } from "../sync/markdown.mjs";
import { higherIsBetter } from "./judge.mjs";

const isStatic = (set, label) =>
  set.contenders.find((one) => one.label === label)?.pool.startsWith("constant(") === true;

/** Both at least as good, one better. `sign` 1 where more is better. */
const dominates = (a, b, sign) => {
  const gains = a.map((value, k) => sign * (value - b[k]));
  return gains.every((gain) => gain >= 0) && gains.some((gain) => gain > 0);
};

/** Where a point stands against a front: behind a point of it, ahead of one, or beside all. */
export function standing(point, front, sign) {
  if (front.some((other) => dominates(other, point, sign))) return "behind";
  return front.some((other) => dominates(point, other, sign)) ? "ahead" : "beside";
}

/** The points that no other dominates. */
export const frontOf = (points, sign) => points.filter((one) => !points.some((other) => dominates(other, one, sign)));

const pairsOf = (count) =>
  Array.from({ length: count }, (_, a) => Array.from({ length: count - a - 1 }, (_, b) => [a, a + b + 1])).flat();

/** A table for a comparison whose tasks are all measured and that has static weights; else nothing. */
export function frontTables(set) {
  const { tasks, metrics } = set.base;
  const chosen = ({ label, point }) => {
    const one = set.contenders.find((contender) => contender.label === label);
    return one !== undefined && one.role === null && JSON.stringify(one.point) === JSON.stringify(point);
  };
  const fixed = set.points.filter(({ label }) => isStatic(set, label));
  // Equal weights are static weights, too.
  const plain = set.points.filter(({ label }) => label === set.baseline);
  const methods = set.points.filter((one) => chosen(one) && !isStatic(set, one.label) && one.label !== set.baseline);
  if (fixed.length === 0 || methods.length === 0) return [];
  const sign = higherIsBetter(metrics[0]) ? 1 : -1;
  const pairs = pairsOf(tasks.length);
  const rows = methods.map(({ label, values }) => [
    label,
    ...pairs.map((pair) => {
      const cut = (one) => pair.map((k) => one.values[k]);
      return standing(
        pair.map((k) => values[k]),
        frontOf([...fixed, ...plain].map(cut), sign),
        sign,
      );
    }),
  ]);
  const head = ["", ...pairs.map(([a, b]) => `${tasks[a]}, ${tasks[b]}`)];
  const count = fixed.length + plain.length;
  return [
    `Against the front of static weights (${count} points, equal weights among them; ${metrics[0]} on validation, seed ${set.tuningSeeds.join(", ")}): *ahead* of a point of the front in both tasks, *behind* one, or *beside* all.`,
    table(head, rows),
  ];
}
