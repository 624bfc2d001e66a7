import type { FitResult, HistoryEntry, Metrics } from "@gradpool/trainer";
import type { RecordedEntry, RecordedMetrics, RunResult } from "./messages.js";

/** JSON has no NaN: a metric without a value is null. */
export const recorded = (metrics: Metrics): RecordedMetrics =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, Number.isFinite(value) ? value : null]));

const entryOf = (entry: HistoryEntry): RecordedEntry => ({ ...entry, metrics: recorded(entry.metrics) });

/** What a run came to, as `result.json` holds it. */
export function recordedResult(result: FitResult): RunResult {
  const { best, bestEpoch, test, history, steps, samples, skipped, stopped } = result;
  return {
    best: best === null ? null : recorded(best),
    bestEpoch,
    test: test === null ? null : recorded(test),
    ...(result.undefined.length > 0 && { undefined: result.undefined }),
    history: history.map(entryOf),
    steps,
    samples,
    skipped,
    stopped,
  };
}
