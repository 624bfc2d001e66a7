import type { DataFacts } from "./facts.js";

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
  return `the values of ${facts.target} are taken for counts, not ratings: rating is no side task; name it to use them, \`tasks\` ${[...tasks, "rating"].join(",")}`;
}
