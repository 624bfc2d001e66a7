import { didYouMean } from "@gradpool/registry";
import type { DataFacts } from "../data/facts.js";
import { sideTasks } from "../data/side-tasks.js";
import { optionError } from "../options/errors.js";
import type { Workload } from "./contract.js";

/** The behaviours, the target first: what `*` means to models of pairs. */
export const allBehaviors = ({ target, tasks }: DataFacts): readonly string[] => [
  target,
  ...tasks.behaviors.filter((name) => name !== target),
];

/** The labels of impressions, the set's target first if it is one of them: what `*` means to models of rows. */
export const allLabels = ({ target, tasks }: DataFacts): readonly string[] =>
  tasks.impressions.includes(target)
    ? [target, ...tasks.impressions.filter((name) => name !== target)]
    : tasks.impressions;

/**
 * Task names as configurations and recipes give them: `*` is what the model takes for all, `target` the set's target, `side`
 * every side task, `side.2` the second one; `*.3` the first three of `*`, where there are more. What the data lacks is left out.
 * A task that two of them stand for counts once; the same name twice is a slip, `invalid-option`.
 */
export function expandTasks(tasks: readonly string[], facts: DataFacts, workload: Workload): readonly string[] {
  const named = tasks.length === 0 ? ["*"] : tasks;
  const twice = named.find((task, k) => named.indexOf(task) < k);
  if (twice !== undefined) throw optionError(`${twice} is named twice`, "tasks", "name each task once");
  const side = sideTasks(facts);
  const expand = (task: string): readonly string[] => {
    if (task === "*") return workload.allTasks(facts);
    if (task === "target") return [facts.target];
    if (task === "side") return side;
    const [, count] = /^\*\.(\d+)$/.exec(task) ?? [];
    if (count !== undefined) {
      const all = workload.allTasks(facts);
      return Number(count) < all.length ? all.slice(0, Number(count)) : [];
    }
    const [, place] = /^side\.(\d+)$/.exec(task) ?? [];
    return place === undefined ? [task] : side.slice(Number(place) - 1, Number(place));
  };
  return [...new Set(named.flatMap(expand))];
}

/** Refuses tasks that are not among those that a model can learn; `what` says of one what it is not. */
export function requireTasks(
  tasks: readonly string[],
  known: readonly string[],
  what: (task: string) => string,
  offer: string,
): void {
  const strange = tasks.find((task) => !known.includes(task));
  if (strange === undefined) return;
  throw optionError(what(strange), "tasks", didYouMean(strange, known, `${offer} ${known.join(", ")}`));
}
