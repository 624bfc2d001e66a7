import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { checkFeature, type FeatureSpec, type FeatureSpecs } from "./spec.js";

/** Splits at `separator`, but not inside of parentheses, nor of double quotes outside of these; the quotes stay. */
export function splitOutside(written: string, separator: string): string[] {
  const parts: string[] = [""];
  let depth = 0;
  let quoted = false;
  for (const sign of written) {
    if (sign === '"' && depth <= 0) quoted = !quoted;
    if (sign === "(" && !quoted) depth++;
    if (sign === ")" && !quoted) depth--;
    if (sign === separator && depth <= 0 && !quoted) parts.push("");
    else parts[parts.length - 1] += sign;
  }
  return parts;
}

/** `2^20`, or a number. */
function numberOf(written: string): number {
  const [, base, power] = /^(\d+)\^(\d+)$/.exec(written) ?? [];
  return base === undefined ? Number(written === "" ? NaN : written) : Number(base) ** Number(power);
}

const scales = ["standard", "min-max", "log", "none"];

/** What stands between the parentheses, by the type in front of them. */
function optionsOf(type: string, written: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  let rest = written;
  if (type === "list" && written !== "") {
    // The separator may be a comma itself.
    const at = written.indexOf(",", 1);
    found["separator"] = at < 0 ? written : written.slice(0, at);
    rest = at < 0 ? "" : written.slice(at + 1);
  }
  if (type === "hash") return { hash: numberOf(rest.trim()) };
  const parts: string[] = [];
  for (const piece of rest === "" ? [] : rest.split(",").map((one) => one.trim())) {
    const at = piece.indexOf("=");
    if (at > 0) {
      const [key, value] = [piece.slice(0, at), piece.slice(at + 1)];
      found[key] = key === "format" ? value : numberOf(value);
    } else if (type === "time") parts.push(piece);
    else if (type === "list") found["pooling"] = piece;
    else if (piece === "flag") found["flag"] = true;
    else if (type === "number") found["scale"] = scales.find((one) => one === piece) ?? piece;
    else found[piece] = true;
  }
  if (parts.length > 0) found["parts"] = parts;
  return found;
}

const typed = /^(.+):(category|list|number|time|hash|id)(?:\((.*)\))?$/;

/** A feature as `--columns` writes it, or undefined for a column that is one category as it stands. */
function parseFeature(written: string, where: string): { name: string; column: string; spec?: FeatureSpec; id?: true } {
  const [, front = written, type, inside = ""] = typed.exec(written) ?? [];
  const at = type === undefined ? -1 : front.indexOf("=");
  const name = (at > 0 ? front.slice(0, at) : front).trim();
  const column = (at > 0 ? front.slice(at + 1) : front).trim();
  if (type === "id") return { name, column, id: true };
  const of = column.split("*").map((one) => one.trim());
  const crosses = of.length > 1 && of.every((one) => one !== "");
  if (type === undefined && !crosses) return { name, column };
  if (crosses && type !== undefined && type !== "category" && type !== "hash") {
    const remedy = "a cross is a category: NAME*NAME, NAME*NAME:hash(2^20) or NAME*NAME:category(min=10)";
    throw problem("usage", `"${written}" crosses columns into a ${type}`, where, remedy);
  }
  const source = crosses ? { of } : name === column ? {} : { column };
  const kind = crosses ? "cross" : type === "hash" ? "category" : type;
  const spec = checkFeature(name, { type: kind, ...source, ...optionsOf(type ?? "category", inside) }, where);
  return { name, column, spec };
}

/** Features of one table: specs by name, `null` for a column that is one category as it stands; and the column of the ids. */
export interface ParsedFeatures {
  readonly features: ReadonlyMap<string, FeatureSpec | null>;
  readonly id?: string;
}

/**
 * Reads `price:number+tags:list(|)+city+at:time(hour)+city*device:hash(2^20)`, a list of such texts, or specs by name. A text whose
 * end names no type is a column, one category as it stands.
 */
export function parseFeatures(
  asked: string | readonly string[] | FeatureSpecs | undefined,
  where: string,
): ParsedFeatures {
  if (asked === undefined) return { features: new Map() };
  if (typeof asked !== "string" && !Array.isArray(asked)) {
    const entries = Object.entries(asked as FeatureSpecs);
    return { features: new Map(entries.map(([name, spec]) => [name, checkFeature(name, spec, where)])) };
  }
  const pieces = typeof asked === "string" ? splitOutside(asked, "+") : (asked as readonly string[]);
  const features = new Map<string, FeatureSpec | null>();
  let id: string | undefined;
  for (const piece of pieces) {
    const { name, spec, column, id: isId } = parseFeature(piece.trim(), where);
    if (isId) id = column;
    else if (features.has(name)) {
      throw problem(
        "usage",
        `two features are called "${name}"`,
        where,
        "give each a name of its own: NAME=COLUMN:TYPE",
      );
    } else features.set(name, spec ?? null);
  }
  return { features, ...given({ id }) };
}
