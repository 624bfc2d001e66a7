import { optionError } from "./errors.js";
import { checkValue, rangeOf, readText, requireKnown, written } from "./spec.js";
import { type TrainConfig, type TrainField, trainFields, trainOption } from "./training.js";

/** A field's name where words are joined by hyphens: `evalEvery` is `eval-every`. */
export type Hyphenated<S extends string> = S extends `${infer A}${infer B}`
  ? `${A extends Lowercase<A> ? A : `-${Lowercase<A>}`}${Hyphenated<B>}`
  : S;

export const hyphenated = <S extends string>(field: S): Hyphenated<S> =>
  field.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`) as Hyphenated<S>;

/**
 * Options of training as a program or a JSON file gives them, checked: an unknown name and a value that the option does not
 * take are refused, with `where` they stand. Nothing is filled in.
 */
export function checkConfig(given: unknown, where: string): Partial<TrainConfig> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw optionError(`${JSON.stringify(given)} is no object`, where, "give an object of training options");
  }
  requireKnown(Object.keys(given), trainFields, where);
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, checkValue(trainOption(field as TrainField), value, `\`${field}\``, where)]),
  );
}

/** The value that a text stands for, as the field holds it. */
export function readField<F extends TrainField>(field: F, text: string, where: string): TrainConfig[F] {
  return readText(trainOption(field), text, `\`${field}\``, where) as TrainConfig[F];
}

/** A row of the table of options. */
export interface OptionRow {
  readonly field: TrainField;
  /** As it is written, or in words what holds where nothing is given. */
  readonly default: string;
  readonly range: string;
  readonly description: string;
}

/** The table of options, for documents: see `npm run sync`. */
export function trainOptionRows(): readonly OptionRow[] {
  return trainFields.map((field) => {
    const option = trainOption(field);
    const { open, description } = option;
    return { field, default: open ?? `\`${written(option, option.default)}\``, range: rangeOf(option), description };
  });
}
