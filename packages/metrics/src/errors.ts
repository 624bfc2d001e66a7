import { GradpoolError } from "@gradpool/core";

/** Refuses input: what of `where` is wrong, and what to do. */
export function fail(where: string, what: string, remedy: string): never {
  throw new GradpoolError({ code: "invalid-input", where, what, remedy });
}

export function positiveInteger(value: number, name: string, where: string): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    fail(where, `${name} is ${value}`, `pass a whole number of at least 1 as ${name}`);
  }
}
