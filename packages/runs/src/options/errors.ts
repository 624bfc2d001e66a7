import { type ErrorCode, GradpoolError } from "@gradpool/core";

/**
 * A configuration that asks for what there is not. Options stand in backticks in all texts, by their own names: the command
 * puts its flags in their places (`evalEvery` is --eval-every there).
 */
export function optionError(
  what: string,
  where: string,
  remedy: string,
  code: ErrorCode = "invalid-option",
): GradpoolError {
  return new GradpoolError({ code, what, where, remedy });
}
