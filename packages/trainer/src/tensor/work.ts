import type { GradientPool, GroupWeights, PoolContext } from "@gradpool/core";
import type { Tensor, TensorBatch, TensorModel, TensorOps } from "@gradpool/models";
import type { SkippedStep, StepDiagnostics, StepInput, StepResult } from "../engine/contract.js";
import type { TableStore } from "../tables/store.js";
import type { Backward } from "../tape/tape.js";
import type { DeviceVariables } from "./dense/on-device.js";
import type { DenseStore } from "./dense/store.js";
import type { StepForward } from "./dropout.js";
import type { HeadsPass } from "./heads/pass.js";
import type { Labels } from "./losses.js";
import type { Plan } from "./plan.js";
import type { RepresentationMemory } from "./representation.js";
import type { Slot } from "./inputs.js";

/** All that one step works with. */
export interface StepWork {
  readonly tf: TensorOps;
  readonly model: TensorModel;
  readonly plan: Plan;
  readonly pool: GradientPool;
  readonly tables: TableStore;
  readonly dense: DenseStore;
  readonly representation: RepresentationMemory;
  readonly variables: DeviceVariables;
  readonly batch: TensorBatch;
  readonly labels: readonly (Labels | null)[];
  readonly forward: StepForward;
  readonly input: StepInput;
  readonly state: unknown;
  context(losses: Float64Array): PoolContext;
}

/** The forward pass, and what starts the backward passes. Tensors live until the step's tape is put away. */
export interface Passed {
  readonly slots: readonly Slot[];
  readonly inputs: readonly Tensor[];
  readonly representation: Tensor;
  readonly heads: HeadsPass;
  /** d loss / d output per task, size numbers each; null: absent. */
  readonly errors: readonly (Float32Array | null)[];
  readonly present: readonly boolean[];
  readonly losses: Float64Array;
  readonly backward: Backward;
}

/** What a level found out. It has written gradients and decided how to apply them, but applied nothing. */
export interface Decision {
  readonly failure?: SkippedStep;
  readonly state?: unknown;
  readonly weights?: GroupWeights;
  readonly diagnostics?: Omit<StepDiagnostics, "reports">;
  /** The optimiser step on everything shared. */
  apply?(): void;
}

export interface StepOutcome {
  readonly state: unknown;
  readonly failure?: SkippedStep;
  readonly result: Omit<StepResult, "diagnostics" | "skipped">;
  readonly diagnostics?: Omit<StepDiagnostics, "reports">;
}
