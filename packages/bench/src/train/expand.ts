import type { DataFacts } from "./data.js";

/** Task names as flags and recipes give them: `*` is the target and every other behaviour, `target` the set's target. */
export function expandTasks(tasks: readonly string[], facts: DataFacts): readonly string[] {
  const named = tasks.length === 0 ? ["*"] : tasks;
  const others = facts.tasks.behaviors.filter((name) => name !== facts.target);
  const all = facts.tasks.behaviors.length > 0 ? [facts.target, ...others] : facts.tasks.impressions;
  return [...new Set(named.flatMap((task) => (task === "*" ? all : task === "target" ? [facts.target] : [task])))];
}
