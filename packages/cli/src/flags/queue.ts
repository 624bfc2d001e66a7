import { createRequire } from "node:module";
import { sep } from "node:path";
import { pathToFileURL } from "node:url";
import { GradpoolError } from "@gradpool/core";

type QueueModule = typeof import("@gradpool/queue");

export const queueArg = {
  type: "string",
  valueHint: "URL",
  description: "redis://HOST or rediss://USER:PASSWORD@HOST: a queue of trials (needs @gradpool/queue)",
} as const;

const name = "@gradpool/queue";

/** What takes trials to other machines: a package that only those need who have several. Error `not-found` without it. */
export async function loadQueue(): Promise<QueueModule> {
  try {
    return await import("@gradpool/queue");
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
  }
  try {
    const path = createRequire(`${process.cwd()}${sep}`).resolve(name);
    return (await import(pathToFileURL(path).href)) as QueueModule;
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    const remedy = `npm install ${name}, beside gradpool (with -g if that was)`;
    throw new GradpoolError({ code: "not-found", what: `${name} is not installed`, where: "--queue", remedy, cause });
  }
}

/** It is not there; what is there and fails to load says why itself. */
const isMissing = (cause: unknown): boolean => {
  const { code = "", message } = cause as { readonly code?: string; readonly message: string };
  return /^(ERR_)?MODULE_NOT_FOUND$/.test(code) && message.includes(name);
};
