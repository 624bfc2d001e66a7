import { asGradpoolError } from "@gradpool/registry";
import { type ErrorCode, GradpoolError, isGradpoolError } from "@gradpool/core";

export const exitSuccess = 0;
export const exitFailure = 1;
const exitUsage = 2;
/** As a shell says of what Ctrl-C has ended. */
export const exitInterrupted = 130;

const usage: ReadonlySet<ErrorCode> = new Set(["usage", "unknown-method", "unknown-option", "invalid-option"]);

/** A mistake in how the command was called: exit code 2. */
export function usageError(what: string, where: string, remedy: string): GradpoolError {
  return new GradpoolError({ code: "usage", what, where, remedy });
}

/** 2 for wrong usage, 130 for Ctrl-C, 1 for everything else that failed. */
export function exitCodeOf(error: unknown): number {
  if (isGradpoolError(error) && error.code === "interrupted") return exitInterrupted;
  return isGradpoolError(error) && usage.has(error.code) ? exitUsage : exitFailure;
}

const remedy = "run again with --debug for the stack, and report it if the cause is not yours";

/** The one line that users get, and with `debug` the stacks of the error and its causes below it. */
export function errorText(error: unknown, debug: boolean): string {
  const { message } = asGradpoolError(error, "internal error", remedy);
  const line = `gradpool: ${message.replaceAll(/\s*\n\s*/g, " ")}`;
  if (!debug) return line;
  const stacks: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) stacks.push(at.stack ?? String(at));
  return [line, ...stacks].join("\n");
}
