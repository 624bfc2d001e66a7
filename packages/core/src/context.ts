import type { Gram } from "./gram.js";
import type { Diagnostics, GradientPool, Level, PoolContext } from "./pool.js";
import { createRandom } from "./random.js";
import { type TaskSet, taskSet } from "./tasks.js";

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
  readonly report?: (diagnostics: Diagnostics) => void;
}

/** The context of one step. Its random stream depends on the seed and the step alone, so a resumed run continues it. */
export function poolContext(input: ContextInput): PoolContext {
  const { seed = 0, step = 1, epoch = 1, losses, order, donate, report } = input;
  const tasks = typeof input.tasks === "number" || !("names" in input.tasks) ? taskSet(input.tasks) : input.tasks;
  return {
    tasks,
    step,
    epoch,
    random: createRandom(seed, step),
    ...(losses === undefined ? {} : { losses }),
    ...(order === undefined ? {} : { order }),
    ...(donate === undefined ? {} : { donate }),
    ...(report === undefined ? {} : { report }),
  };
}

/**
 * The order in which position `i` of a Gram visits the others: drawn afresh, or the context's fixed order. Answers with
 * positions in the Gram; i itself is never among them.
 */
export function visitOrder(gram: Gram, context: PoolContext, i: number): readonly number[] {
  const fixed = context.order?.[gram.index[i] as number];
  if (fixed !== undefined) return fixed.map((task) => gram.index.indexOf(task)).filter((j) => j >= 0 && j !== i);
  const others: number[] = [];
  for (let j = 0; j < gram.size; j++) if (j !== i) others.push(j);
  return context.random.shuffle(others);
}

/** The same pool, placed at another level. */
export function atLevel<State>(pool: GradientPool<State>, level: Level): GradientPool<State> {
  return { ...pool, level };
}

/** The same pool, acting on the gradients of the shared representation, inside one backward pass. */
export function atRepresentation<State>(pool: GradientPool<State>): GradientPool<State> {
  return atLevel(pool, "representation");
}
