import type { Engine } from "@gradpool/trainer";
import type { KeptData } from "../kept/contract.js";
import type { TrainConfig } from "../options/training.js";
import type { MadeWorkload } from "../workloads/contract.js";
import type { IdTable } from "./ids.js";

/** What all that is done with an opened run stands on. */
export interface Opened {
  readonly folder: string;
  readonly config: TrainConfig;
  readonly data: KeptData;
  readonly made: MadeWorkload;
  readonly engine: Engine;
  readonly users: IdTable;
  readonly items: IdTable;
}
