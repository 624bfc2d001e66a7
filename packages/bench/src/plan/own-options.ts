import { findMethod, parseSpecifier } from "@gradpool/registry";
import { type OptionSpecs, optionError, parseCall, trainFields, trainOption, hyphenated } from "@gradpool/runs";
import { type Dimension, readDimension, type Space } from "../space/space.js";
import type { Contender } from "../results/types.js";

/** What is to be searched, by names as they are written, and where. */
export type Written = Readonly<Record<string, string | readonly (number | string)[]>>;

export interface Searched {
  readonly space: Space;
  readonly model: string;
  readonly contenders: readonly Contender[];
}

interface Named {
  readonly model: string;
  readonly modelOptions: OptionSpecs;
  readonly contenders: readonly Contender[];
}

/**
 * A space over names as people write them: an option of training (`lr`, `weight-decay`), of the model (`dim`, or `model.dim`), of the
 * contenders' pools (`pool.relax`, of all that have it), or the NAME of a {NAME} in a pool. Options of models and pools become such
 * names, so that points are put in as those of a grid are. Errors `usage`, `invalid-option`: what there is is said.
 */
export async function searched(written: Written, { model, modelOptions, contenders }: Named): Promise<Searched> {
  const space: Record<string, Dimension> = {};
  let own = contenders;
  let named = model;
  for (const [name, given] of Object.entries(written)) {
    const read = (integer: boolean): Dimension =>
      typeof given === "string" ? readDimension(given, `search, ${name}`, integer) : given;
    const field = trainFields.find((known) => name === known || name === hyphenated(known));
    const inModel = name.replace(/^model\./, "");
    if (own.some(({ pool }) => pool.includes(`{${name}}`))) space[name] = read(false);
    else if (field !== undefined) {
      const option = trainOption(field);
      if (option.fixed === true)
        throw optionError(
          `${name} makes another comparison, not another point`,
          "search",
          "leave it out, and give it once",
        );
      space[field] = read("integer" in option && option.integer === true);
    } else if (name.startsWith("pool.")) {
      const option = name.slice("pool.".length);
      const placed = await Promise.all(own.map((contender) => inPool(contender, option)));
      const found = placed.filter(({ integer }) => integer !== undefined);
      if (found.length === 0) throw optionError(`no pool has an option ${option}`, "search", await poolOptions(own));
      own = placed.map(({ contender }) => contender);
      space[name] = read(found.some(({ integer }) => integer === true));
    } else if (Object.hasOwn(modelOptions, inModel)) {
      const option = modelOptions[inModel];
      space[`model.${inModel}`] = read(option?.type === "number" && option.integer === true);
      named = withModelOption(named, inModel);
    } else {
      const known = trainFields.filter((one) => trainOption(one).fixed !== true).map(hyphenated);
      const models = Object.keys(modelOptions).map((option) => `model.${option}`);
      throw optionError(
        `nothing is called ${name}`,
        "search",
        `search ${[...known, ...models].join(", ")}, pool.OPTION, or the NAME of a {NAME} in a pool`,
        "usage",
      );
    }
  }
  return { space, model: named, contenders: own };
}

/** A contender whose pool reads the option from the point, where a link of it has such an option; `integer` is undefined otherwise. */
async function inPool(
  contender: Contender,
  option: string,
): Promise<{ readonly contender: Contender; readonly integer?: boolean }> {
  let integer: boolean | undefined;
  const links = splitLinks(contender.pool);
  const names = parseSpecifier(contender.pool.replaceAll(/\{[^{}]+\}/g, "1")).links.map((link) => link.name);
  const placed: string[] = [];
  for (const [k, link] of links.entries()) {
    const schema = (await findMethod(names[k] as string))?.method.options[option];
    if (schema === undefined) placed.push(link);
    else {
      integer = schema.type === "number" && schema.integer === true;
      placed.push(withPoolOption(link, option));
    }
  }
  if (integer === undefined) return { contender };
  return { contender: { ...contender, pool: placed.join("+") }, integer };
}

async function poolOptions(contenders: readonly Contender[]): Promise<string> {
  const names = contenders.flatMap(({ pool }) =>
    parseSpecifier(pool.replaceAll(/\{[^{}]+\}/g, "1")).links.map((link) => link.name),
  );
  const found = await Promise.all([...new Set(names)].map(async (name) => [name, await findMethod(name)] as const));
  const lines = found.flatMap(([name, one]) => {
    const options = Object.keys(one?.method.options ?? {});
    return options.length === 0 ? [] : `${name}: ${options.join(", ")}`;
  });
  return lines.length === 0 ? "the pools have no options" : `they have ${lines.join("; ")}`;
}

/** The links of a chain as they are written: + between them, outside parentheses. */
function splitLinks(pool: string): readonly string[] {
  const links: string[] = [""];
  let depth = 0;
  for (const char of pool) {
    if (char === "(" || char === "[") depth++;
    if (char === ")" || char === "]") depth--;
    if (char === "+" && depth === 0) links.push("");
    else links[links.length - 1] += char;
  }
  return links;
}

function withPoolOption(link: string, option: string): string {
  const value = `${option}={pool.${option}}`;
  const [, name = "", inside, rest = ""] = /^([^(#@]*(?:@[^/(#]+\/[^(#@]+)?)(?:\(([^)]*)\))?(.*)$/s.exec(link) ?? [];
  const others = (inside ?? "").split(",").filter((one) => one.trim() !== "" && one.split("=")[0]?.trim() !== option);
  return `${name}(${[...others, value].join(",")})${rest}`;
}

function withModelOption(model: string, option: string): string {
  const { name, options } = parseCall(model, "model");
  const others = Object.entries(options).flatMap(([key, value]) => (key === option ? [] : `${key}=${value}`));
  return `${name}(${[...others, `${option}={model.${option}}`].join(",")})`;
}
