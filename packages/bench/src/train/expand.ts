import type { DataFacts } from "./data.js";

/** Tasks beside the behaviours that the data offers: what PMTRec calls side tasks. */
export const sideTasks = (facts: DataFacts): readonly string[] =>
  ["social", "category", ...facts.tasks.itemPairs, "rating"].filter((task) => facts.offers(task));

/**
 * Task names as flags and recipes give them: `*` is the target and every other behaviour (for click models: all labels of the impressions),
 * `target` the set's target, `side` every side task, `side.2` the second one. What the data lacks is left out.
 */
export function expandTasks(tasks: readonly string[], facts: DataFacts, model: string): readonly string[] {
  const named = tasks.length === 0 ? ["*"] : tasks;
  const others = facts.tasks.behaviors.filter((name) => name !== facts.target);
  const all = model.startsWith("click") ? facts.tasks.impressions : [facts.target, ...others];
  const side = sideTasks(facts);
  const expand = (task: string): readonly string[] => {
    if (task === "*") return all;
    if (task === "target") return [facts.target];
    if (task === "side") return side;
    const [, place] = /^side\.(\d+)$/.exec(task) ?? [];
    return place === undefined ? [task] : side.slice(Number(place) - 1, Number(place));
  };
  return [...new Set(named.flatMap(expand))];
}
