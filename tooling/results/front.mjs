/** The front of static weights, pair by pair of tasks, and where each method stands against it: validation, seeds of the search. */
import { table } from "../sync/markdown.mjs";
import { importSource } from "../typescript.mjs";
import { higherIsBetter } from "./judge.mjs";

const { frontOf, standing } = await importSource("packages/report/src/source/front.ts");

const find = (set, label) =>
  set.contenders.find((one) => one.label === label && one.role === null && one.group === null);

/** Equal weights are static weights, too. */
const isStatic = (set, label) => /^(constant|ew)\b[^+]*$/.test(find(set, label)?.pool ?? "");

const pairsOf = (count) =>
  Array.from({ length: count }, (_, a) => Array.from({ length: count - a - 1 }, (_, b) => [a, a + b + 1])).flat();

/** A table for a comparison whose tasks are all measured and that has static weights; else nothing. */
export function frontTables(set) {
  const { tasks, metrics } = set.base;
  const chosen = ({ label, point }) => JSON.stringify(find(set, label)?.point) === JSON.stringify(point);
  const fixed = set.points.filter(({ label }) => isStatic(set, label));
  const methods = set.points.filter((one) => chosen(one) && !isStatic(set, one.label));
  if (!set.contenders.some(({ pool }) => pool.startsWith("constant(")) || fixed.length < 2 || methods.length === 0)
    return [];
  const better = higherIsBetter(metrics[0]) ? 1 : -1;
  const signs = [better, better];
  const pairs = pairsOf(tasks.length);
  const rows = methods.map(({ label, values }) => [
    label,
    ...pairs.map((pair) => {
      const cut = (one) => pair.map((k) => one.values[k]);
      return standing(
        pair.map((k) => values[k]),
        frontOf(fixed.map(cut), signs),
        signs,
      );
    }),
  ]);
  const head = ["", ...pairs.map(([a, b]) => `${tasks[a]}, ${tasks[b]}`)];
  return [
    `Against the front of static weights (${fixed.length} points, equal weights among them; ${metrics[0]} on validation, ${set.tuningSeeds.length === 1 ? "seed" : "mean over seeds"} ${set.tuningSeeds.join(", ")}): *ahead* of a point of the front in both tasks, *behind* one, or *beside* all.`,
    table(head, rows),
  ];
}
