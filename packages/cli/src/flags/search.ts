import type { SearchRequest } from "@gradpool/bench";
import { given } from "@gradpool/core";
import { usageError } from "../terminal/errors.js";
import { readNumber } from "../terminal/values.js";

interface SearchFlags {
  readonly strategy?: string | undefined;
  readonly trials?: string | undefined;
  readonly "search-seed"?: string | undefined;
}

/** What the flags ask to be searched; undefined where nothing is. */
export function searchOf(flags: readonly string[], args: SearchFlags): SearchRequest | undefined {
  const space: Record<string, string> = {};
  for (const flag of flags) {
    const [, name = "", range = ""] = /^([a-z][\w.-]*)=(.+)$/i.exec(flag) ?? [];
    if (name === "")
      throw usageError(`cannot read ${flag}`, "--search", "write name=A,B,C, name=LOW..HIGH or name=log(LOW,HIGH)");
    if (name in space) throw usageError(`${name} is given twice`, "--search", "give all of it at once");
    space[name] = range;
  }
  const { strategy, trials, "search-seed": seed } = args;
  if (flags.length === 0) {
    const [stray] = Object.entries({ strategy, trials, "search-seed": seed }).filter(
      ([, value]) => value !== undefined,
    );
    if (stray !== undefined)
      throw usageError(`--${stray[0]} without --search`, "gradpool bench", "say what is searched");
    return undefined;
  }
  return {
    space,
    ...given({
      strategy: strategy as SearchRequest["strategy"],
      trials: trials === undefined ? undefined : readNumber(trials, "trials", { min: 2, integer: true }),
      seed: seed === undefined ? undefined : readNumber(seed, "search-seed", { integer: true }),
    }),
  };
}
