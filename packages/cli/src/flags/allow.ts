import { parseSpecifier } from "@gradpool/registry";
import { parseCall } from "@gradpool/runs";

/** `--allow`, of the commands that read files which name pools and models. */
export const allowArg = {
  type: "string",
  valueHint: "SPEC",
  description: "a ./file.js or package whose code may run where a configuration or recipe names it; may be repeated",
} as const;

/** The paths and packages that the command line itself names: with --allow, as pools (in a grid's values too), as a model. */
export function allowedBy(
  allow: readonly string[],
  pools: readonly (string | number)[],
  model: string | undefined,
): readonly string[] {
  return [...allow, ...pools.flatMap(namesOf), ...(model === undefined ? [] : [parseCall(model, "model").name])];
}

/** What a pool specifier names. `{name}` stands for a value of a grid; what cannot be read names nothing, and is refused later. */
function namesOf(pool: string | number): readonly string[] {
  try {
    return parseSpecifier(String(pool).replaceAll(/\{[^{}]*\}/g, "0")).links.map(({ name }) => name);
  } catch {
    return [];
  }
}
