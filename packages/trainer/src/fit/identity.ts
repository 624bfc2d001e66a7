import type { JsonObject } from "@gradpool/core";
import type { FitOptions } from "./options.js";

/** What a checkpoint is recognised by: the caller's fingerprint, and what would silently go wrong if it differed. */
export function identityOf({ engine, feed, fingerprint }: FitOptions): {
  readonly fingerprint: JsonObject;
  readonly run: JsonObject;
} {
  const { stepsPerEpoch } = feed;
  return { fingerprint: fingerprint ?? {}, run: { tasks: engine.tasks.names, level: engine.level, stepsPerEpoch } };
}
