import { GradpoolError } from "@gradpool/core";
import type { ErrorCode } from "@gradpool/core";

/** Shorthand for the one error of every gradpool package, so that each throw site is a single readable line. */
export function failure(code: ErrorCode, what: string, where: string, remedy: string, cause?: unknown): GradpoolError {
  return new GradpoolError({ code, what, where, remedy, ...(cause === undefined ? {} : { cause }) });
}

/** The message of anything thrown, with the reasons that `fetch` and the file system hide in `cause`, on one line. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${cause}`.replaceAll(/\s+/g, " ").trim();
}
