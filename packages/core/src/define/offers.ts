import { GradpoolError } from "../errors.js";
import type { GradientPool } from "../pool.js";

/** What whoever asks a pool can give it beside one batch's gradients, and do with its answer. */
export interface Offers {
  /** Independent batches per step. */
  readonly batches: 1 | 2 | 3;
  readonly validation: boolean;
  /** Whether it can apply an update as it is. */
  readonly updates: boolean;
}

/**
 * Refuses a pool that needs more than is offered, before training rather than in its first step.
 *
 * @param where who offers, as the error names it: "the trainer"
 * @throws GradpoolError `unsupported`, naming what is missing
 */
export function requireOffers(pool: GradientPool, offers: Offers, where: string): void {
  const wanted = pool.batches ?? 1;
  const missing =
    wanted > offers.batches
      ? `${wanted} independent batches per step, and there ${offers.batches === 1 ? "is one" : `are ${offers.batches}`}`
      : pool.wantsValidation !== undefined && !offers.validation
        ? "gradients on validation examples, and there are none"
        : pool.answers === "update" && !offers.updates
          ? "its answer applied as an update: plain SGD, without momentum or clipping"
          : undefined;
  if (missing === undefined) return;
  throw new GradpoolError({
    code: "unsupported",
    what: `${pool.name} needs ${missing}`,
    where,
    remedy: "ask the pool in a loop of your own (packages/core/README.md), or choose another method or other options",
  });
}
