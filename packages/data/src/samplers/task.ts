import { behaviorOf, type PreparedSet } from "../set/prepared-set.js";
import { atLeastOne, type NegativeOptions, type SamplerOptions } from "./engine.js";
import { knownOf, popularity, usersOf } from "./known.js";
import { type Drawable, drawable } from "./negatives.js";

export interface InteractionSamplerOptions extends SamplerOptions, NegativeOptions {
  /** The behaviour to sample from. Default: the target. */
  readonly task?: string;
  /**
   * A negative is never one of the user's training items of this `task` (default), or of `all` behaviours
   * (the thesis: "pairs with no interaction of that user").
   */
  readonly exclude?: "task" | "all";
}

/** One task's training pairs: the owners are users, their partners items. */
export interface TaskSource extends Drawable {
  /** Names the sampler in messages. */
  readonly name: string;
  /** Negatives for each positive. */
  readonly each: number;
}

/** What a sampler of `kind` (as messages call it) reads of the set. */
export function taskOf(set: PreparedSet, options: InteractionSamplerOptions, kind: string): TaskSource {
  const { task = set.target, exclude = "task" } = options;
  const name = `${kind} of ${task}`;
  const { train } = behaviorOf(set, task);
  const each = atLeastOne(options.negativesPerPositive ?? 1, "negativesPerPositive", name);
  const weights = options.negatives === "popularity" ? popularity(train.items, set.items) : undefined;
  const known = knownOf(set, task, exclude);
  return { name, each, ...drawable(known, set.items, usersOf(train), train.items, weights) };
}
