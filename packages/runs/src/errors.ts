import { GradpoolError } from "@gradpool/core";

/** A configuration that asks for what there is not. */
export function usageError(what: string, where: string, remedy: string): GradpoolError {
  return new GradpoolError({ code: "usage", what, where, remedy });
}
