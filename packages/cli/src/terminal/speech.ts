import { GradpoolError, isGradpoolError } from "@gradpool/core";
import type { Command } from "./command.js";

/** Says with a command's flags what a library says with its options. */
export interface Speech {
  text(said: string): string;
  error(error: unknown): unknown;
}

/**
 * Libraries write options by their own names, in backticks, or as the place of an error: `evalEvery`, and where that is a flag
 * of the command its users read --eval-every. Names that are none of its flags stay as they are. A flag that may be repeated
 * stands for a plural: --label for `labels`.
 */
export function speechOf({ args, repeatable = [] }: Command): Speech {
  const flags = new Map<string, string>();
  for (const [flag, { type }] of Object.entries(args)) {
    if (type === "positional") continue;
    const option = flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    flags.set(option, `--${flag}`);
    if (repeatable.includes(flag)) flags.set(`${option}s`, `--${flag}`);
  }
  const text = (said: string): string => said.replaceAll(/`(\w+)`/g, (whole, name: string) => flags.get(name) ?? whole);
  const place = (where: string): string => where.replace(/^\w+(?=,|$)/, (name) => flags.get(name) ?? name);
  return {
    text,
    error(error) {
      if (!isGradpoolError(error)) return error;
      const { code, what, where, remedy, cause, stack } = error;
      const spoken = new GradpoolError({
        code,
        what: text(what),
        where: place(text(where)),
        remedy: text(remedy),
        cause,
      });
      if (stack !== undefined) spoken.stack = stack.replace(error.message, () => spoken.message);
      return spoken;
    },
  };
}
