import type { DataFacts } from "./data.js";

/**
 * Tasks beside the behaviours that the data offers: what PMTRec calls side tasks. Values that are no ratings
 * ({@link DataFacts.values}) make none: `rating` must then be named.
 */
export const sideTasks = (facts: DataFacts): readonly string[] =>
  namedSideTasks(facts).filter((task) => task !== "rating" || facts.values === "ratings");

/** The same with `rating` on any values: side tasks that may be named. */
export const namedSideTasks = (facts: DataFacts): readonly string[] =>
  ["social", "category", ...facts.tasks.itemPairs, "rating"].filter((task) => facts.offers(task));

/** What to tell once where `tasks` ask for the side tasks, and the target's values were not taken for ratings; else undefined. */
export function noteOnValues(tasks: readonly string[], facts: DataFacts): string | undefined {
  const asked = tasks.some((task) => /^side(\.\d+)?$/.test(task)) && !tasks.includes("rating");
  if (!asked || !facts.offers("rating") || facts.values === "ratings") return undefined;
  if (facts.values === "constant") return `the values of ${facts.target} are all the same: rating is no side task`;
  return `the values of ${facts.target} are taken for counts, not ratings: rating is no side task; name it to use them, --tasks ${[...tasks, "rating"].join(",")}`;
}

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
