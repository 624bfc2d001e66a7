import { type Monitor, readMonitor } from "@gradpool/metrics";
import type { TrainConfig } from "./training.js";

/** What a configuration is judged by on validation: `monitor`, else its first metric. Its metrics are spelt out. */
export const monitorOf = ({ monitor, metrics }: Pick<TrainConfig, "monitor" | "metrics">): Monitor =>
  readMonitor(monitor ?? (metrics[0] as string));
