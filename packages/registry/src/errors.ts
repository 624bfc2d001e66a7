import { GradpoolError, isGradpoolError } from "@gradpool/core";

/** A request that cannot be read. */
export function invalid(what: string, where: string, remedy: string): GradpoolError {
  return new GradpoolError({ code: "invalid-input", what, where, remedy });
}

/** Anything thrown as a `GradpoolError`: what is not one is a defect, and says so. */
export function asGradpoolError(
  error: unknown,
  where = "internal error",
  remedy = "report it if the cause is not yours",
): GradpoolError {
  if (isGradpoolError(error)) return error;
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new GradpoolError({ code: "failed", what: said.replaceAll(/\s*\n\s*/g, " "), where, remedy, cause: error });
}
