const marker = Symbol.for("gradpool.error");

/** What went wrong, in a word that programs can compare. */
export type ErrorCode =
  | "invalid-option"
  | "unknown-option"
  | "unknown-method"
  | "invalid-input"
  | "shape"
  | "non-finite"
  | "unsupported"
  | "usage"
  | "not-found"
  | "damaged"
  | "version"
  | "failed"
  | "interrupted";

export interface ErrorDetails {
  readonly code: ErrorCode;
  /** What is wrong, with the value that was met. */
  readonly what: string;
  /** Where: the option, file, line, task, parameter or step. */
  readonly where: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/**
 * The one error of every gradpool package. Its message reads `what (where): remedy`. Recognise it with
 * {@link isGradpoolError}, never with `instanceof`: two versions of this package may be loaded at once.
 */
export class GradpoolError extends Error {
  readonly code: ErrorCode;
  readonly what: string;
  readonly where: string;
  readonly remedy: string;

  constructor(details: ErrorDetails) {
    const { code, what, where, remedy, cause } = details;
    super(`${what} (${where}): ${remedy}`, cause === undefined ? undefined : { cause });
    this.name = "GradpoolError";
    this.code = code;
    this.what = what;
    this.where = where;
    this.remedy = remedy;
    Object.defineProperty(this, marker, { value: true });
  }
}

/** True for an error thrown by any version of any gradpool package. */
export function isGradpoolError(value: unknown): value is GradpoolError {
  return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[marker] === true;
}
