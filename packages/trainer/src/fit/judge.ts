import type { UndefinedMetric } from "@gradpool/metrics";
import type { Metrics } from "../evaluate/contract.js";
import type { HistoryEntry } from "./events.js";
import { type FitOptions, monitorOf } from "./options.js";
import { epochLosses, type FitState } from "./progress-state.js";
import { gainsIn } from "./train-step.js";

/** Files the evaluation in the history, and which epoch is the best now: by rank that may be an earlier one. Says whether it is this one. */
export function judge(
  options: FitOptions,
  state: FitState,
  metrics: Metrics,
  missing: readonly UndefinedMetric[],
): boolean {
  const losses = epochLosses(state).map((loss) => (Number.isFinite(loss) ? loss : null));
  const unknown = missing.length > 0 && { undefined: missing };
  // Refused metrics leave the state as it was.
  const monitor = monitorOf(options, Object.keys(metrics));
  const entry: HistoryEntry = { epoch: state.epoch, step: state.step, losses, metrics, ...unknown };
  const leaders = monitor.leaders([...state.history, entry].map((one) => one.metrics));
  state.history.push(entry);
  state.waited = gainsIn(options, state.history).reduce((waited, gained) => (gained ? 0 : waited + 1), 0);
  const best = state.history[leaders.at(-1) as number];
  state.best = best?.metrics ?? null;
  state.bestEpoch = best?.epoch ?? null;
  return best === entry;
}
