import type { TrialSpec } from "@gradpool/bench";

/** What a worker tells of a trial: begun, done, failed for good, handed back, or to be tried again. */
export interface WorkerEvent {
  readonly type: "start" | "done" | "failed" | "back" | "again";
  readonly trial: TrialSpec | null;
  readonly error?: string;
}
