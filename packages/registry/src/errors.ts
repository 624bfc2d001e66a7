import { GradpoolError, isGradpoolError } from "@gradpool/core";
import { foreignPlace, foreignSources } from "./foreign.js";

/** A request that cannot be read. */
export function invalid(what: string, where: string, remedy: string): GradpoolError {
  return new GradpoolError({ code: "invalid-input", what, where, remedy });
}

/**
 * Anything thrown as a `GradpoolError`. What is not one comes from the code of somebody's module, of which it names file and line, or is a
 * defect, and says so.
 */
export function asGradpoolError(
  error: unknown,
  where = "internal error",
  remedy = "report it if the cause is not yours",
): GradpoolError {
  if (isGradpoolError(error)) return error;
  const said = error instanceof Error ? `${error.name}: ${error.message}` : `thrown: ${String(error)}`;
  const what = said.replaceAll(/\s*\n\s*/g, " ");
  const place = error instanceof Error ? foreignPlace(error.stack) : textPlace();
  if (place === undefined) return new GradpoolError({ code: "failed", what, where, remedy, cause: error });
  const mend = `code of your own threw this${error instanceof Error ? ", or called for it" : "; an Error would name the line"}: mend it there`;
  return new GradpoolError({ code: "failed", what, where: place, remedy: mend, cause: error });
}

/** A text or the like is nothing that code of ours throws, and it has no stack: it comes from a module that was loaded, if one was. */
function textPlace(): string | undefined {
  const sources = foreignSources();
  return sources.length === 0 ? undefined : sources.join(" or ");
}
