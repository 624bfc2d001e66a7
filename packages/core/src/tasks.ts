import { GradpoolError } from "./errors.js";

/** The tasks of a model, in the order of every T-vector, and which of them is the target (the main task). */
export interface TaskSet {
  readonly names: readonly string[];
  /** Index of the target; the other tasks are auxiliaries. */
  readonly target: number;
}

/** A task set from names, or from a number of tasks (named task0, task1, …). */
export function taskSet(tasks: number | readonly string[], target = 0): TaskSet {
  if (typeof tasks !== "number" && !Array.isArray(tasks)) {
    const remedy = "give their names, or how many there are";
    throw new GradpoolError({ code: "invalid-input", what: `tasks are ${String(tasks)}`, where: "taskSet", remedy });
  }
  const names = typeof tasks === "number" ? Array.from({ length: tasks }, (_, i) => `task${i}`) : [...tasks];
  if (names.length === 0) {
    throw new GradpoolError({ code: "invalid-input", what: "no tasks", where: "taskSet", remedy: "name one or more" });
  }
  if (new Set(names).size !== names.length) {
    throw new GradpoolError({
      code: "invalid-input",
      what: `task names repeat: ${names.join(", ")}`,
      where: "taskSet",
      remedy: "give each task a name of its own",
    });
  }
  if (!Number.isInteger(target) || target < 0 || target >= names.length) {
    throw new GradpoolError({
      code: "invalid-input",
      what: `target is ${target}`,
      where: "taskSet",
      remedy: `give an index from 0 to ${names.length - 1}`,
    });
  }
  return { names, target };
}
