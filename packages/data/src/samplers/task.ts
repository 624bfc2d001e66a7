import { type NamesOf, requireNames, requireWord } from "@gradpool/core";
import { behaviorOf, type PreparedSet } from "../set/prepared-set.js";
import { bloomDrawable } from "./bloom-negatives.js";
import {
  atLeastOne,
  negativeNames,
  type NegativeOptions,
  samplerNames,
  type SamplerOptions,
  waysToDraw,
} from "./engine.js";
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
  /**
   * How it is known what a user has: by an `index` of all his items (default), or by a `bloom` filter, in about 1.2 bytes a pair at the default
   * rate, in place of the 4 that `exclude: "all"` takes. Then some items that he does not have are never drawn for him.
   */
  readonly known?: "index" | "bloom";
  /** Of a filter: the share of items that a user does not have and that are never drawn for him. Default 0.01. */
  readonly falsePositives?: number;
}

const names: NamesOf<InteractionSamplerOptions> = {
  ...samplerNames,
  ...negativeNames,
  task: true,
  exclude: true,
  known: true,
  falsePositives: true,
};

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
  requireNames(options, names, name);
  requireWord(options.negatives, waysToDraw, "negatives", name);
  requireWord(exclude, ["task", "all"], "exclude", name);
  requireWord(options.known, ["index", "bloom"], "known", name);
  const { train } = behaviorOf(set, task);
  const each = atLeastOne(options.negativesPerPositive ?? 1, "negativesPerPositive", name);
  const weights = options.negatives === "popularity" ? popularity(train.items, set.items) : undefined;
  if (options.known === "bloom") {
    const parts = exclude === "task" ? [train] : Object.values(set.behaviors).map((behavior) => behavior.train);
    const bloom = { rate: options.falsePositives ?? 0.01, seed: options.seed ?? 1, name };
    return { name, each, ...bloomDrawable(parts, set.items, usersOf(train), train.items, bloom, weights) };
  }
  const known = knownOf(set, task, exclude);
  return { name, each, ...drawable(known, set.items, usersOf(train), train.items, weights) };
}
