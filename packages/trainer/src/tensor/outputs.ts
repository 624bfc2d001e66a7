import type { TensorTask } from "@gradpool/models";

/** The heads that make a task's prediction. */
export const headsOf = ({ name, heads = [name] }: TensorTask): readonly string[] => heads;

/** All heads' names, each once. */
export const outputNames = (tasks: readonly TensorTask[]): readonly string[] => [...new Set(tasks.flatMap(headsOf))];
