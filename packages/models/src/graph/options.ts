import { GradpoolError } from "@gradpool/core";

/** Refuses what is no integer from 0 up. */
export function natural(model: string, name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0) return;
  throw new GradpoolError({
    code: "invalid-option",
    what: `${name} is ${String(value)}`,
    where: model,
    remedy: "give an integer of 0 or more",
  });
}
