import type { Tensor, TensorBatch, TensorModel, TensorOps } from "@gradpool/models";
import type { Placement } from "../engine/placement.js";
import type { Asking, StepOutcome } from "../engine/step.js";
import type { TableStore } from "../tables/store.js";
import type { Backward } from "../tape/tape.js";
import type { DeviceVariables } from "./dense/on-device.js";
import type { DenseStore } from "./dense/store.js";
import type { StepForward } from "./dropout.js";
import type { HeadsPass } from "./heads/pass.js";
import type { TrunkInput } from "./inputs.js";
import type { Labels } from "./losses.js";
import type { RepresentationMemory } from "./representation.js";

/** What a tensor model's engine holds from step to step. */
export interface TensorParts {
  readonly tf: TensorOps;
  readonly model: TensorModel;
  readonly placement: Placement;
  readonly tables: TableStore;
  readonly dense: DenseStore;
  readonly representation: RepresentationMemory;
  readonly variables: DeviceVariables;
}

/** All that one step works with. */
export interface StepWork extends TensorParts {
  readonly batch: TensorBatch;
  /** Per task; null: absent. */
  readonly labels: readonly (Labels | null)[];
  readonly present: readonly boolean[];
  /** Written to by the step. */
  readonly losses: Float64Array;
  readonly forward: StepForward;
  readonly asking: Asking;
}

/** The forward pass, and what starts the backward passes. Tensors live until the step's tape is put away. */
export interface Passed {
  readonly gathered: readonly TrunkInput[];
  /** `gathered` as tensors. */
  readonly inputs: readonly Tensor[];
  readonly representation: Tensor;
  readonly heads: HeadsPass;
  /** d loss / d output per task, size numbers each; null: absent. */
  readonly errors: readonly (Float32Array | null)[];
  readonly backward: Backward;
}

/** What a level came to: it has written gradients, and `apply` is the optimiser step on everything shared. */
export type Decision = Pick<StepOutcome, "failure" | "figures" | "apply">;
