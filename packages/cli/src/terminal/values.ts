import { describeRange, given } from "@gradpool/core";
import { usageError } from "./errors.js";

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
}

/** A flag's text as a number in a range; the error names the flag, the range and the value. */
export function readNumber(text: string, flag: string, range: NumberRange = {}): number {
  const { min = -Infinity, max = Infinity, integer = false } = range;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value) && (!integer || Number.isSafeInteger(value)) && value >= min && value <= max) return value;
  const words = describeRange({ type: "number", default: 0, description: "", ...given(range) });
  throw usageError(`--${flag} is ${text}`, "command line", `give ${words}`);
}
