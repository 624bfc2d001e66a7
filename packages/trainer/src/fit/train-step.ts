import { isGradpoolError } from "@gradpool/core";
import type { EpochEvent, FitEvent, HistoryEntry } from "./events.js";
import type { FeedAhead } from "./feed-ahead.js";
import { type FitOptions, monitorOf } from "./options.js";
import { epochLosses, type FitState, recordStep } from "./progress-state.js";
import { gainsOf, rateAt, type Schedule } from "./schedule.js";

/** Data that do not come any more end a run: what it has learnt by then is saved first. */
export async function savingUnless(waits: Promise<void>, save: () => void, learnt: boolean): Promise<void> {
  try {
    await waits;
  } catch (error) {
    if (learnt) save();
    throw error;
  }
}

/** The evaluation ended because it was asked to. */
export const isInterruption = (error: unknown, signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && isGradpoolError(error) && error.code === "interrupted";

export function epochEvent(state: FitState, learningRate: number): EpochEvent {
  return {
    type: "epoch",
    epoch: state.epoch,
    step: state.step,
    losses: epochLosses(state),
    learningRate,
    samples: state.epochSamples,
    skipped: state.epochSkipped,
    seconds: state.epochSeconds,
  };
}

export function trainStep(options: FitOptions, state: FitState, rates: LearningRates, ahead: FeedAhead): FitEvent {
  const { engine, feed } = options;
  const every = options.diagnosticsEvery ?? 0;
  state.step++;
  state.stepInEpoch++;
  const learningRate = rates(state);
  const needsOf = (step: number) => ({ validation: engine.needs.validation?.(step) === true });
  const start = performance.now();
  if (learningRate !== engine.learningRate) engine.setLearningRate(learningRate);
  const result = engine.step({
    ...ahead.next(needsOf(state.step)),
    step: state.step,
    epoch: state.epoch,
    diagnostics: every > 0 && state.step % every === 0,
    // Not beyond an epoch: whoever looks at the feed between epochs finds it where the run is. Nor of a feed that may have to wait.
    ...(feed.ready === undefined &&
      state.stepInEpoch < feed.stepsPerEpoch && { meanwhile: () => ahead.draw(needsOf(state.step + 1)) }),
  });
  recordStep(state, result, (performance.now() - start) / 1000);
  const { step, epoch } = state;
  return { type: "step", step, epoch, stepsPerEpoch: feed.stepsPerEpoch, learningRate, ...result };
}

/** The learning rate of the step that begins. */
export type LearningRates = (state: FitState) => number;

export function learningRates(options: FitOptions): LearningRates {
  const { engine, feed, epochs, warmup = 0 } = options;
  const schedule: Schedule = options.schedule ?? { kind: "constant" };
  const base = engine.optimizer.learningRate;
  // Constant: left alone, whoever sets it.
  if (schedule.kind === "constant" && warmup === 0) return () => engine.learningRate;
  const { stepsPerEpoch } = feed;
  // Looked at again after an evaluation only, not at every step.
  let gains: readonly boolean[] = [];
  const byEpoch = engine.kind !== "graph" && engine.optimizer.rows === "dense-equivalent";
  return (state) => {
    const { epoch, history } = state;
    const step = byEpoch ? (epoch - 1) * stepsPerEpoch + Math.ceil(stepsPerEpoch / 2) : state.step;
    if (schedule.kind === "plateau" && gains.length !== history.length) gains = gainsIn(options, history);
    return base * rateAt(schedule, warmup, { step, epoch, stepsPerEpoch, epochs, gains });
  };
}

/** Which evaluations were gains, by what the run watches; there is one at least. */
export function gainsIn(options: FitOptions, history: readonly HistoryEntry[]): readonly boolean[] {
  const monitor = monitorOf(options, Object.keys(history[0]?.metrics ?? {}));
  // By rank an evaluation is a gain where it is the best of those until then: ranks have no distance.
  if (monitor.ranked) return monitor.leaders(history.map(({ metrics }) => metrics)).map((leader, k) => leader === k);
  return gainsOf(history, ({ metrics }) => monitor.value(metrics), monitor.direction, options.minDelta ?? 0);
}
