import type { JsonObject } from "@gradpool/core";
import type { Metrics } from "@gradpool/trainer";
import type { TrialCost, TrialResult } from "../sweep/types.js";
import type { TrainConfig } from "./config.js";

/** What a training process tells the process that started it. */
export type TrainMessage =
  | {
      readonly type: "progress";
      readonly epoch: number;
      readonly epochs: number;
      readonly step: number;
      readonly steps: number;
      readonly samplesPerSecond: number;
    }
  | { readonly type: "evaluation"; readonly epoch: number; readonly metrics: Metrics };

/** `result.json` of a run. */
export interface RunFile {
  readonly version: 1;
  readonly config: TrainConfig;
  readonly dataHash: string;
  /**
   * By task, what it took from the data. `rating`: `offset` and `scale`, mean and standard deviation of the training values; its
   * losses are in units of scale², so that their root mean squared error in the values' own unit is scale · √loss.
   */
  readonly taskOptions?: Readonly<Record<string, JsonObject>>;
  readonly result: TrialResult;
  readonly cost: TrialCost;
  readonly environment: Readonly<Record<string, string>>;
}
