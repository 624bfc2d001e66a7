import { behaviorOf, type Interactions, type PreparedSet } from "../set/prepared-set.js";
import { atLeastOne, type NegativeOptions, type SamplerOptions } from "./engine.js";
import { knownOf, popularity, usersOf } from "./known.js";
import { createNegatives, type NegativeDraw } from "./negatives.js";

export interface InteractionSamplerOptions extends SamplerOptions, NegativeOptions {
  /** The behaviour to sample from. Default: the target. */
  readonly task?: string;
  /**
   * A negative is never one of the user's training items of this `task` (default), or of `all` behaviours
   * (the thesis: "pairs with no interaction of that user").
   */
  readonly exclude?: "task" | "all";
}

/** One task's training pairs, their users, and the draw of their negatives. */
export interface TaskSource {
  /** Names the sampler in messages. */
  readonly name: string;
  readonly train: Interactions;
  /** The user of each pair. */
  readonly owners: Int32Array;
  /** Negatives for each positive. */
  readonly each: number;
  readonly draw: NegativeDraw;
}

/** What `kind` (the sampler's name) reads of the set. */
export function taskOf(set: PreparedSet, options: InteractionSamplerOptions, kind: string): TaskSource {
  const { task = set.target, exclude = "task" } = options;
  const name = `${kind} of ${task}`;
  const { train } = behaviorOf(set, task);
  const each = atLeastOne(options.negativesPerPositive ?? 1, "negativesPerPositive", name);
  const owners = usersOf(train);
  const weights = options.negatives === "popularity" ? popularity(train.items, set.items) : undefined;
  const draw = createNegatives(knownOf(set, task, exclude), set.items, owners, name, weights);
  return { name, train, owners, each, draw };
}
