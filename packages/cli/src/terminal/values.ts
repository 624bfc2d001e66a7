import { usageError } from "./errors.js";

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
}

/** A flag's text as a number in a range; the error names the flag, the range and the value. */
export function readNumber(text: string, flag: string, { min, max, integer = false }: NumberRange = {}): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const fits =
    Number.isFinite(value) &&
    (!integer || Number.isSafeInteger(value)) &&
    (min === undefined || value >= min) &&
    (max === undefined || value <= max);
  if (fits) return value;
  const range = [min === undefined ? "" : `at least ${min}`, max === undefined ? "" : `at most ${max}`].filter(Boolean);
  const kind = integer ? "an integer" : "a number";
  throw usageError(
    `--${flag} is ${text}`,
    "command line",
    `give ${[kind, range.join(" and ")].filter(Boolean).join(", ")}`,
  );
}
