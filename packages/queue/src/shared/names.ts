import { parseData, runsVersion } from "@gradpool/runs";

/** Before the names of all keys. */
export const prefix = "gradpool";

/**
 * The queue of all trials on the same data by the same release: who lacks either never sees them, so that a trial waits for a machine
 * that has both. What is generated needs no data.
 */
export const queueName = (data: string, hash: string): string =>
  parseData(data).kind === "shop" ? shopQueue : queueOf(hash);

export const queueOf = (hash: string): string => `${runsVersion()}-${hash.slice(0, 16)}`;

export const shopQueue: string = `${runsVersion()}-shop`;
