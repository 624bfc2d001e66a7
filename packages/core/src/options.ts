import { GradpoolError } from "./errors.js";
import { granularities, type Granularity } from "./gradients.js";
import type { JsonObject, JsonValue } from "./json.js";

interface Described {
  /** One line for `gradpool methods` and the README's table. */
  readonly description: string;
}

export interface NumberOption extends Described {
  readonly type: "number";
  readonly default: number;
  readonly min?: number;
  readonly max?: number;
  /** The bounds themselves are refused. */
  readonly exclusiveMin?: boolean;
  readonly exclusiveMax?: boolean;
  readonly integer?: boolean;
}

export interface EnumOption extends Described {
  readonly type: "enum";
  readonly values: readonly (string | number)[];
  readonly default: string | number;
}

export interface BooleanOption extends Described {
  readonly type: "boolean";
  readonly default: boolean;
}

/** One number per task, or null for the default that the description names; with `length`, that many numbers. */
export interface VectorOption extends Described {
  readonly type: "vector";
  readonly default: null | readonly number[];
  /** How many numbers, where they are not the tasks'. */
  readonly length?: number;
  readonly min?: number;
  readonly max?: number;
  readonly exclusiveMin?: boolean;
  readonly exclusiveMax?: boolean;
}

export type OptionSpec = NumberOption | EnumOption | BooleanOption | VectorOption;
export type OptionSchema = Readonly<Record<string, OptionSpec>>;

/** The range that an option takes, in words. */
export function describeRange(spec: OptionSpec): string {
  if (spec.type === "boolean") return "true or false";
  if (spec.type === "enum") return spec.values.join(" | ");
  const low = spec.min === undefined ? "(-∞" : `${spec.exclusiveMin === true ? "(" : "["}${spec.min}`;
  const high = spec.max === undefined ? "∞)" : `${spec.max}${spec.exclusiveMax === true ? ")" : "]"}`;
  if (spec.type === "vector") {
    return `${spec.length === undefined ? "one number per task" : `${spec.length} numbers`} in ${low}, ${high}`;
  }
  return `${spec.integer === true ? "an integer in" : "a number in"} ${low}, ${high}`;
}

function inRange(value: unknown, spec: NumberOption | VectorOption): boolean {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  if (spec.type === "number" && spec.integer === true && !Number.isInteger(value)) return false;
  if (spec.min !== undefined && (spec.exclusiveMin === true ? value <= spec.min : value < spec.min)) return false;
  return !(spec.max !== undefined && (spec.exclusiveMax === true ? value >= spec.max : value > spec.max));
}

function accepts(value: unknown, spec: OptionSpec): boolean {
  switch (spec.type) {
    case "boolean":
      return typeof value === "boolean";
    case "enum":
      return (spec.values as readonly unknown[]).includes(value);
    case "number":
      return inRange(value, spec);
    case "vector":
      if (value === null) return spec.default === null;
      if (!Array.isArray(value) || value.length === 0) return false;
      return value.length === (spec.length ?? value.length) && value.every((x) => inRange(x, spec));
  }
}

const show = (value: unknown): string =>
  typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));

/**
 * Fills in defaults and refuses what is unknown or out of range, naming the option, its range and the value given.
 * `undefined` counts as not given. The answer is plain data, whatever kind of type describes it: a pool's \`options\` as it stands.
 */
export function resolveOptions<O extends object>(
  method: string,
  schema: OptionSchema,
  given: Partial<O> = {},
): O & JsonObject {
  if (typeof given !== "object" || given === null) {
    const remedy = "give an object, or nothing";
    throw new GradpoolError({ code: "invalid-option", what: `options are ${String(given)}`, where: method, remedy });
  }
  const known = Object.keys(schema);
  const resolved: Record<string, JsonValue> = {};
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw new GradpoolError({
        code: "unknown-option",
        what: `unknown option ${name}`,
        where: method,
        remedy: known.length > 0 ? `the options are ${known.join(", ")}` : "this method has no options",
      });
    }
  }
  for (const [name, spec] of Object.entries(schema)) {
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined && !accepts(value, spec)) {
      throw new GradpoolError({
        code: "invalid-option",
        what: `${name} is ${show(value)}`,
        where: method,
        remedy: `give ${describeRange(spec)}`,
      });
    }
    resolved[name] = (value ?? spec.default) as JsonValue;
  }
  return resolved as O & JsonObject;
}

/** The option that every Gram method has. */
export function granularityOption(standard: Granularity = "model"): EnumOption {
  return {
    type: "enum",
    values: granularities,
    default: standard,
    description: "what is balanced on its own: the whole model, each parameter tensor, or each embedding row",
  };
}

/** How a method's rows become one gradient. */
export function reductionOption(standard: "sum" | "mean" = "sum"): EnumOption {
  return { type: "enum", values: ["sum", "mean"], default: standard, description: "sum or mean over the tasks" };
}
