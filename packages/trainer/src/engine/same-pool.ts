import { type GradientPool, GradpoolError, type JsonObject } from "@gradpool/core";

/** Refuses the snapshot of a run with another pool: its state would mean something else. */
export function requireSamePool(json: JsonObject, pool: GradientPool): void {
  if (json["pool"] === pool.name) return;
  throw new GradpoolError({
    code: "invalid-input",
    what: `a snapshot of a run with ${String(json["pool"])}`,
    where: `restore, pool ${pool.name}`,
    remedy: "resume with the pool that the run was started with",
  });
}
