import { GradpoolError } from "@gradpool/core";
import { lockFolder } from "@gradpool/files";
import type { FitEvent, FitResult } from "./events.js";
import { checkOptions, type FitOptions } from "./options.js";
import { train } from "./train.js";

/** A run: iterate over its events, or just ask for its result. */
export interface Fit extends AsyncIterable<FitEvent> {
  /** Runs what is left of the run and answers with its result. */
  result(): Promise<FitResult>;
}

/**
 * Trains: epochs of steps, an evaluation after each, the best epoch's weights kept and tested at the end. Killed at any
 * moment and resumed, it ends with the bits of an unbroken run. Nothing runs until it is iterated over or asked for its
 * result.
 *
 * Errors, at once: `invalid-option`. While it runs: what the engine's step throws (`non-finite`) and what `evaluate` throws
 * (with a checkpoint before it, so that no training is lost); `damaged` and `version` for checkpoints, the best one's absence included; `invalid-input` for
 * a checkpoint of another configuration, and for a folder that holds another run's; `usage` for one that another run writes to.
 */
export function fit(options: FitOptions): Fit {
  checkOptions(options);
  let outcome: FitResult | undefined;
  let failure: { readonly error: unknown } | undefined;
  async function* watched(): AsyncGenerator<FitEvent, void, undefined> {
    try {
      outcome = yield* run(options);
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  const events = watched();
  return {
    [Symbol.asyncIterator]: () => events,
    async result() {
      for await (const _ of events);
      if (outcome !== undefined) return outcome;
      if (failure !== undefined) throw failure.error;
      throw new GradpoolError({
        code: "failed",
        what: "the run ended without a result",
        where: "fit",
        remedy: "its events were left before the last one: let the loop over them end, or stop it with `signal`",
      });
    },
  };
}

/** With the folder of the checkpoints to itself: two runs in one would mix theirs. */
async function* run(options: FitOptions): AsyncGenerator<FitEvent, FitResult, undefined> {
  const { folder, lock: locks = true } = options.checkpoint ?? {};
  if (folder === undefined || !locks) return yield* train(options);
  const lock = await lockFolder(folder);
  try {
    return yield* train(options);
  } finally {
    lock.release();
  }
}
