import { problem } from "../errors.js";
import type { Context } from "../prepare/context.js";

/** The paths given on the command line; none is wrong usage. */
export function inputs(context: Context, what: string): readonly string[] {
  const { input, format } = context.options;
  const paths = input === undefined ? [] : typeof input === "string" ? [input] : input;
  if (paths.length === 0 || paths.some((path) => path === "")) {
    throw problem("usage", "no input given", `--format ${format}`, `give ${what}`);
  }
  return paths;
}

/** The only path given. */
export function onlyInput(context: Context, what: string): string {
  const [path, ...more] = inputs(context, what);
  if (path === undefined || more.length > 0) {
    throw problem(
      "usage",
      `${more.length + 1} inputs given`,
      `--format ${context.options.format}`,
      `give one: ${what}`,
    );
  }
  return path;
}
