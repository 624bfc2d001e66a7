import { didYouMean } from "@gradpool/registry";
import { problem } from "./errors.js";
import type { Opened } from "./opened.js";

/** The place of a task among the run's; without one, of the target. */
export function taskPlace({ engine, folder }: Opened, task?: string): number {
  const { names, target } = engine.tasks;
  if (task === undefined) return target;
  const place = names.indexOf(task);
  if (place >= 0) return place;
  throw problem(
    "invalid-option",
    `the run has no task ${task}`,
    folder,
    didYouMean(task, names, `it has ${names.join(", ")}`),
  );
}
