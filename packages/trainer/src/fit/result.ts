import type { UndefinedMetric } from "@gradpool/metrics";
import type { Metrics } from "../evaluate/contract.js";
import type { FitResult } from "./events.js";
import type { FitState } from "./progress-state.js";

/** What a run came to. */
export function resultOf(
  state: FitState,
  stopped: FitResult["stopped"],
  test: Metrics | null,
  missing: readonly UndefinedMetric[],
): FitResult {
  return {
    epochs: state.stopped === null ? state.epoch - 1 : state.epoch,
    steps: state.step,
    stopped,
    bestEpoch: state.bestEpoch,
    best: state.best,
    test,
    undefined: missing,
    history: state.history,
    skipped: state.skipped,
    lastSkipped: state.lastSkipped,
    samples: state.samples,
    trainingSeconds: state.trainingSeconds,
  };
}
