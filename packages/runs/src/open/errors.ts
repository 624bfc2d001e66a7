import { type ErrorCode, GradpoolError } from "@gradpool/core";

export const problem = (code: ErrorCode, what: string, where: string, remedy: string, cause?: unknown): GradpoolError =>
  new GradpoolError({ code, what, where, remedy, ...(cause === undefined ? {} : { cause }) });
