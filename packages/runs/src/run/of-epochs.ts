import type { TrainField } from "../options/training.js";

/** Options of runs that see their rows again and again: without meaning for rows that come once, see `followRun`. */
export const ofEpochs: readonly TrainField[] = [
  "epochs",
  "schedule",
  "warmup",
  "patience",
  "minDelta",
  "monitor",
  "evalEvery",
  "heldOut",
];
