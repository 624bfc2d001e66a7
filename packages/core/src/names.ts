import { GradpoolError } from "./errors.js";

/** Every name of an options type, those that may be left out too: an object, so that the compiler misses none. */
export type NamesOf<O> = { readonly [K in keyof Required<O>]: true };

/**
 * Refuses an option that there is not. TypeScript does so where options are written; from code without types, or spread from elsewhere, a
 * mistyped name would change nothing, in silence.
 *
 * @throws GradpoolError: `unknown-option` with the names there are.
 */
export function requireNames<O extends object>(given: O, names: NamesOf<O>, where: string): void {
  const strange = Object.keys(given).find((name) => !Object.hasOwn(names, name));
  if (strange === undefined) return;
  throw new GradpoolError({
    code: "unknown-option",
    what: `unknown option ${strange}`,
    where,
    remedy: `the options are ${Object.keys(names).join(", ")}`,
  });
}

/**
 * Refuses a word that is none of those an option takes; `undefined` counts as not given.
 *
 * @throws GradpoolError: `invalid-option` with the words.
 */
export function requireWord(value: unknown, words: readonly string[], option: string, where: string): void {
  if (value === undefined || words.includes(value as string)) return;
  const what = `${option} is ${typeof value === "string" ? JSON.stringify(value) : String(value)}`;
  throw new GradpoolError({ code: "invalid-option", what, where, remedy: `give ${words.join(" or ")}` });
}
