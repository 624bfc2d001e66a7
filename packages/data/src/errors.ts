import { given, GradpoolError, type ErrorCode } from "@gradpool/core";

/** A {@link GradpoolError} in one line; `usage` means the request is wrong (exit code 2), every other code a failed run (1). */
export function problem(code: ErrorCode, what: string, where: string, remedy: string, cause?: unknown): GradpoolError {
  const line = (text: string): string => text.replaceAll(/\s*[\r\n]+\s*/g, " ");
  return new GradpoolError({ code, what: line(what), where: line(where), remedy: line(remedy), ...given({ cause }) });
}

/** Stops with code `interrupted` once the caller's signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw problem("interrupted", "preparation was interrupted", "prepare", "nothing was written; start it again");
  }
}
