import { given } from "../given.js";
import type { Diagnostics, PoolContext, Validation } from "../context.js";
import type { TaskGradients } from "../gradients.js";
import { createRandom } from "../random/create.js";
import { type TaskSet, taskSet } from "../tasks.js";

export interface ContextInput {
  readonly tasks: TaskSet | number | readonly string[];
  /** Default 0. */
  readonly seed?: number;
  /** Default 1. */
  readonly step?: number;
  /** Default 1. */
  readonly epoch?: number;
  readonly losses?: ArrayLike<number>;
  readonly order?: readonly (readonly number[])[];
  readonly donate?: boolean;
  readonly second?: TaskGradients;
  readonly third?: TaskGradients;
  readonly validation?: Validation;
  readonly report?: (diagnostics: Diagnostics) => void;
}

/** The context of one step. Its random stream depends on the seed and the step alone, so a resumed run continues it. */
export function poolContext(input: ContextInput): PoolContext {
  const { seed = 0, step = 1, epoch = 1, losses, order, donate, second, third, validation, report } = input;
  const tasks = isTaskSet(input.tasks) ? input.tasks : taskSet(input.tasks);
  return {
    tasks,
    step,
    epoch,
    random: createRandom(seed, step),
    ...given({ losses, order, donate, second, third, validation, report }),
  };
}

const isTaskSet = (tasks: ContextInput["tasks"]): tasks is TaskSet => typeof tasks === "object" && "names" in tasks;
