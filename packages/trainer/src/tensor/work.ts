import type { Tensor, TensorBatch, TensorModel, TensorOps } from "@gradpool/models";
import type { Apart } from "../engine/apart.js";
import type { Draws } from "../engine/draws.js";
import type { Placement } from "../engine/placement.js";
import type { Update } from "../engine/limit.js";
import type { Asking, StepOutcome } from "../engine/step.js";
import type { TableStore } from "../tables/store.js";
import type { DeviceVariables } from "./dense/on-device.js";
import type { DenseStore } from "./dense/store.js";
import type { Draw } from "./draw.js";
import type { StepForward } from "./dropout.js";
import type { GateBook } from "./gates.js";
import type { HeadsPass, TermErrors } from "./heads/pass.js";
import type { TrunkInput } from "./inputs.js";
import type { Labels } from "./losses.js";
import type { RepresentationMemory } from "./representation.js";
import type { StatisticBook, Statistics } from "./dense/statistics.js";

/** What a tensor model's engine holds from step to step. */
export interface TensorParts {
  readonly tf: TensorOps;
  readonly model: TensorModel;
  readonly placement: Placement;
  readonly draws: Draws;
  readonly apart: Apart | undefined;
  readonly tables: TableStore;
  readonly dense: DenseStore;
  readonly statistics: Statistics;
  readonly representation: RepresentationMemory;
  readonly variables: DeviceVariables;
}

/** All that one step works with. */
export interface StepWork extends TensorParts {
  readonly batch: TensorBatch;
  /** Which of the step's batches it is. */
  readonly draw: Draw;
  /** Per task; null: absent. */
  readonly labels: readonly (Labels | null)[];
  readonly present: readonly boolean[];
  /** What this batch's losses count for in the step's, term by term (the tasks, then the regulariser): 1 where it is the only batch. */
  readonly shares: ArrayLike<number>;
  /** Written to by the step. */
  readonly losses: Float64Array;
  readonly forward: StepForward;
  readonly gates: GateBook;
  readonly observed: StatisticBook;
  readonly asking: Asking;
}

/** The forward pass, and what starts the backward passes. Tensors live until the step's tape is put away. */
export interface Passed {
  /** The trunk's inputs. */
  readonly gathered: readonly TrunkInput[];
  /** `gathered` as tensors. */
  readonly inputs: readonly Tensor[];
  /** The cut's tensors. */
  readonly cut: readonly Tensor[];
  readonly heads: HeadsPass;
  /** Of the losses and the regulariser. */
  readonly errors: TermErrors;
  /** What arrives at the cut, through the trunk: d / d xs, null where nothing comes through. */
  through(dCut: readonly Tensor[], xs: readonly Tensor[]): (Tensor | null)[];
}

/** As much of it as a way back through the trunk asks for. */
export type PassedTrunk = Pick<Passed, "gathered" | "inputs" | "through">;

/** What a level came to: it has written gradients, and `updates` are the optimiser step on everything shared. */
export interface Decision extends Pick<StepOutcome, "failure" | "figures"> {
  /** Everything shared, with the gradient that it is to have. */
  readonly updates?: readonly Update[];
}
