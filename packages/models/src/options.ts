import { GradpoolError } from "@gradpool/core";

const show = (value: unknown): string =>
  typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "undefined");

/** Refuses a size that is not a positive integer, naming the option. */
export function positive(model: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new GradpoolError({
      code: "invalid-option",
      what: `${name} is ${show(value)}`,
      where: model,
      remedy: "give an integer of 1 or more",
    });
  }
}

export function fraction(model: string, name: string, value: number): void {
  if (value >= 0 && value < 1) return;
  throw new GradpoolError({
    code: "invalid-option",
    what: `${name} is ${show(value)}`,
    where: model,
    remedy: "give a number in [0, 1)",
  });
}

/** Refuses a number that is not finite, or not above `above`, naming the option. */
export function finite(model: string, name: string, value: number, above: number = -Infinity): void {
  if (Number.isFinite(value) && value > above) return;
  throw new GradpoolError({
    code: "invalid-option",
    what: `${name} is ${show(value)}`,
    where: model,
    remedy: above === -Infinity ? "give a finite number" : `give a finite number above ${above}`,
  });
}

/** Refuses no tasks, and tasks of one name. */
export function distinct(model: string, what: string, names: readonly string[]): void {
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  if (names.length > 0 && twice === undefined) return;
  throw new GradpoolError({
    code: "invalid-option",
    what: twice === undefined ? `no ${what}` : `two ${what} are named ${twice}`,
    where: model,
    remedy: `give one or more ${what}, each with a name of its own`,
  });
}

/** Refuses a value, naming the option. */
export const refuse = (model: string, name: string, value: unknown, remedy: string): GradpoolError =>
  new GradpoolError({ code: "invalid-option", what: `${name} is ${show(value)}`, where: model, remedy });
