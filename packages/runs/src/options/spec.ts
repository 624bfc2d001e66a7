import { type BooleanOption, describeRange, type EnumOption, type NumberOption } from "@gradpool/core";
import { didYouMean } from "@gradpool/registry";
import { optionError } from "./errors.js";

interface Described {
  /** One line for `--help` and the tables of options. */
  readonly description: string;
}

/** Words; lists are written with commas. */
export interface ListOption extends Described {
  readonly type: "list";
  readonly default: readonly string[] | null;
}

export interface TextOption extends Described {
  readonly type: "text";
  /** null: nothing was asked for. */
  readonly default: string | null;
}

/** Numbers by name, written `like=2,watch=0.5`: positive ones. */
export interface NumbersOption extends Described {
  readonly type: "numbers";
  readonly default: Readonly<Record<string, number>> | null;
}

/** Widths of layers, written `256-128-64`; `none` where there may be none of them. */
export interface WidthsOption extends Described {
  readonly type: "widths";
  readonly default: readonly number[];
  readonly none?: boolean;
}

/** A number that may be left open: null is the default, and says that nothing was asked for. */
export interface OpenNumberOption extends Omit<NumberOption, "default"> {
  readonly default: null;
}

/** What an option takes: as methods describe theirs, with lists, texts and widths beside. */
export type OptionSpec =
  NumberOption | OpenNumberOption | EnumOption | BooleanOption | ListOption | TextOption | NumbersOption | WidthsOption;
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** The type of an option's value. */
export type ValueOf<S> = S extends { readonly type: "number"; readonly default: infer D }
  ? number | Extract<D, null>
  : S extends { readonly type: "enum"; readonly values: readonly (infer W)[] }
    ? W
    : S extends { readonly type: "boolean" }
      ? boolean
      : S extends { readonly type: "widths" }
        ? readonly number[]
        : S extends { readonly type: "list"; readonly default: infer D }
          ? readonly string[] | Extract<D, null>
          : S extends { readonly type: "numbers" }
            ? Readonly<Record<string, number>> | null
            : S extends { readonly type: "text"; readonly default: infer D }
              ? string | Extract<D, null>
              : string;

export type ValuesOf<S extends OptionSpecs> = { readonly [K in keyof S]: ValueOf<S[K]> };

/** What it takes, in words. */
export function rangeOf(spec: OptionSpec): string {
  if (spec.type === "list") return "a list of names";
  if (spec.type === "text") return "a text";
  if (spec.type === "numbers") return "positive numbers by name, as like=2,watch=0.5";
  if (spec.type === "widths") return `layer widths, as 256-128-64${spec.none === true ? ", or none" : ""}`;
  return describeRange({ ...spec, default: 0 } as NumberOption | EnumOption | BooleanOption);
}

const isWidth = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;

/** Whether a value, as configurations hold it, is one that the option takes. */
export function accepts(spec: OptionSpec, value: unknown): boolean {
  if (value === null) return spec.default === null;
  switch (spec.type) {
    case "number":
      return typeof value === "number" && inRange(spec, value);
    case "enum":
      return (spec.values as readonly unknown[]).includes(value);
    case "boolean":
      return typeof value === "boolean";
    case "text":
      return typeof value === "string" && value !== "";
    case "numbers":
      return isNumbers(value);
    case "list":
      return Array.isArray(value) && value.every((entry) => typeof entry === "string");
    case "widths":
      return Array.isArray(value) && (value.length > 0 || spec.none === true) && value.every(isWidth);
  }
}

function isNumbers(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => typeof one === "number" && one > 0 && one < Infinity);
}

function inRange(spec: NumberOption | OpenNumberOption, value: number): boolean {
  const { min = -Infinity, max = Infinity, integer, exclusiveMin, exclusiveMax } = spec;
  if (!Number.isFinite(value) || (integer === true && !Number.isSafeInteger(value))) return false;
  return (exclusiveMin === true ? value > min : value >= min) && (exclusiveMax === true ? value < max : value <= max);
}

const parse = (spec: OptionSpec, text: string): unknown => {
  switch (spec.type) {
    case "number":
      return text.trim() === "" ? NaN : Number(text);
    case "enum":
      return spec.values.find((value) => String(value) === text);
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "text":
      return text;
    case "numbers": {
      const pairs = text.split(",").map((piece) => piece.split("="));
      const read = pairs.map(([name = "", value = "", ...more]) => [
        name.trim(),
        more.length > 0 || value.trim() === "" ? NaN : Number(value),
      ]);
      return pairs.some(([name = ""]) => name.trim() === "") ? undefined : Object.fromEntries(read);
    }
    case "list":
      return text
        .split(",")
        .map((piece) => piece.trim())
        .filter((piece) => piece !== "");
    case "widths":
      return text.trim() === "none" ? [] : text.split("-").map(Number);
  }
};

/** The value that a text stands for. Error `invalid-option` if the option does not take it. */
export function readText(spec: OptionSpec, text: string, name: string, where: string): unknown {
  const value = parse(spec, text);
  if (accepts(spec, value)) return value;
  throw refuse(spec, name, text, where);
}

/** The value itself, checked. */
export function checkValue(spec: OptionSpec, value: unknown, name: string, where: string): unknown {
  if (accepts(spec, value)) return value;
  throw refuse(spec, name, shown(spec, value), where);
}

/** As JSON, which writes null for numbers that it does not have; a word in its quotes where it is no word that is wanted. */
function shown(spec: OptionSpec, value: unknown): string {
  const words = spec.type === "enum" || spec.type === "text";
  return typeof value === "number" || (words && typeof value === "string")
    ? String(value)
    : (JSON.stringify(value) ?? String(value));
}

function refuse(spec: OptionSpec, name: string, shown: string, where: string): Error {
  const range = `give ${rangeOf(spec)}`;
  const remedy = spec.type === "enum" ? didYouMean(shown, spec.values.map(String), range) : range;
  return optionError(`${name} is ${shown}`, where, remedy);
}

/** Error `unknown-option` for a name that is none of these. */
export function requireKnown(names: readonly string[], known: readonly string[], where: string): void {
  const strange = names.find((name) => !known.includes(name));
  if (strange === undefined) return;
  const remedy = didYouMean(
    strange,
    known,
    known.length === 0 ? "there are none" : `the options are ${known.join(", ")}`,
  );
  throw optionError(`unknown option ${strange}`, where, remedy, "unknown-option");
}

/** A value as it is written: lists with commas, widths with hyphens. */
export function written(spec: OptionSpec, value: unknown): string {
  if (value === null) return "";
  if (spec.type === "widths" && (value as readonly number[]).length === 0) return "none";
  if (spec.type === "numbers") {
    const numbers = Object.entries(value as Readonly<Record<string, number>>);
    return numbers.map(([name, one]) => `${name}=${one}`).join(",");
  }
  return Array.isArray(value) ? value.join(spec.type === "widths" ? "-" : ",") : String(value);
}
