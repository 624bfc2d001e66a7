import { type JsonObject, type JsonValue, stateFromJson, stateToJson } from "@gradpool/core";
import type { SkippedStep, StepResult } from "../engine/contract.js";
import type { Metrics } from "../evaluate/contract.js";
import type { HistoryEntry } from "./events.js";

/** Where a run is: everything of a fit that is neither in the engine nor in the feed. Plain data. */
export interface FitState {
  step: number;
  /** The epoch that is under way, or the last finished one. */
  epoch: number;
  /** Steps done in it. */
  stepInEpoch: number;
  samples: number;
  skipped: number;
  lastSkipped: SkippedStep | null;
  trainingSeconds: number;
  epochSeconds: number;
  epochSamples: number;
  epochSkipped: number;
  lossSums: number[];
  lossCounts: number[];
  bestEpoch: number | null;
  best: Metrics | null;
  /** Of the best checkpoint; null without a store. */
  bestDigest: string | null;
  /** Of what is judged by rank: the epochs that may yet become the best, and the digests of their checkpoints (null without a store). */
  candidates?: readonly Candidate[];
  /** Evaluations since the best one. */
  waited: number;
  history: HistoryEntry[];
  /** Set once training is over: a resumed run then only tests. */
  stopped: "epochs" | "patience" | null;
  /** The epoch's event has been given, its evaluation has not ended: a resumed run does not give it again. */
  told?: true;
}

export interface Candidate {
  readonly epoch: number;
  readonly digest: string | null;
}

export function initialState(tasks: number): FitState {
  return {
    step: 0,
    epoch: 1,
    stepInEpoch: 0,
    samples: 0,
    skipped: 0,
    lastSkipped: null,
    trainingSeconds: 0,
    epochSeconds: 0,
    epochSamples: 0,
    epochSkipped: 0,
    lossSums: Array.from({ length: tasks }, () => 0),
    lossCounts: Array.from({ length: tasks }, () => 0),
    bestEpoch: null,
    best: null,
    bestDigest: null,
    waited: 0,
    history: [],
    stopped: null,
  };
}

export function recordStep(state: FitState, result: StepResult, seconds: number): void {
  state.samples += result.samples;
  state.epochSamples += result.samples;
  state.trainingSeconds += seconds;
  state.epochSeconds += seconds;
  if (result.skipped !== undefined) {
    state.skipped++;
    state.epochSkipped++;
    state.lastSkipped = result.skipped;
    return;
  }
  result.losses.forEach((loss, t) => {
    if (Number.isNaN(loss)) return;
    state.lossSums[t] = (state.lossSums[t] as number) + loss;
    state.lossCounts[t] = (state.lossCounts[t] as number) + 1;
  });
}

export function epochLosses(state: FitState): number[] {
  return state.lossSums.map((sum, t) => sum / (state.lossCounts[t] as number));
}

export function beginEpoch(state: FitState): void {
  state.epoch++;
  state.stepInEpoch = 0;
  state.epochSeconds = 0;
  state.epochSamples = 0;
  state.epochSkipped = 0;
  state.lossSums.fill(0);
  state.lossCounts.fill(0);
}

/** Why training is over after the epoch that has just ended, if it is. */
export function whyStopped(
  { epochs, patience = Infinity }: { readonly epochs: number; readonly patience?: number },
  state: FitState,
): FitState["stopped"] {
  if (state.waited >= patience) return "patience";
  return state.epoch >= epochs ? "epochs" : null;
}

// As a pool's state is written: a metric may be NaN or infinite, which JSON is not.
export const toJson = (state: FitState): JsonObject => stateToJson(state) as JsonObject;
export const fromJson = (json: JsonValue): FitState => stateFromJson(json) as FitState;
