import { optionError } from "./errors.js";

/** `name(option=value,…)` in parts. Values that read as numbers or booleans become such. */
export interface Call {
  readonly name: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** Reads `mf(dim=32)` and `shop(users=4000)`. `where` names the option that it was given to. A name is a word, a path or a package. */
export function parseCall(text: string, where: string): Call {
  const [, name, inside] = /^\s*([^\s()]+)\s*(?:\(([^()]*)\))?\s*$/.exec(text) ?? [];
  if (name === undefined) throw optionError(`cannot read ${text}`, where, "write NAME or NAME(option=value,…)");
  const options: Record<string, string | number | boolean> = {};
  for (const part of (inside ?? "").split(",").filter((piece) => piece.trim() !== "")) {
    const [key = "", value, ...rest] = part.split("=").map((piece) => piece.trim());
    if (value === undefined || value === "" || rest.length > 0 || !/^[a-z]\w*$/i.test(key)) {
      throw optionError(`cannot read the option ${part.trim()} of ${name}`, where, "write option=value");
    }
    if (key in options) throw optionError(`${name} has ${key} twice`, where, "give each option once");
    options[key] =
      value === "true" ? true : value === "false" ? false : Number.isNaN(Number(value)) ? value : Number(value);
  }
  return { name, options };
}
