import type { FitResult } from "@gradpool/trainer";
import type { RunFile } from "./messages.js";

/** What a run cost, wall time included. */
export function costOf(result: FitResult, wallSeconds: number): RunFile["cost"] {
  const { trainingSeconds, samples, epochs } = result;
  return {
    trainingSeconds,
    samplesPerSecond: samples / trainingSeconds,
    secondsPerEpoch: trainingSeconds / Math.max(1, epochs),
    wallSeconds,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}
