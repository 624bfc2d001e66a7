/**
 * What a kind of model brings to the engine. The engine holds what all kinds share (options, placement, the pool and its state,
 * the policy for steps that fail, snapshots, diagnostics); a step holds parameters, and knows how a batch becomes
 * gradients and how the pool's answer becomes new weights.
 */
import type { Combined, JsonObject, Level } from "@gradpool/core";
import type { Model, Scorer, TensorBatch, TensorOps } from "@gradpool/models";
import type { JoinedGradients } from "../gradients/join.js";
import type { TableMemoryOptions } from "../memory/options.js";
import type { MemoryUse } from "../memory/use.js";
import type { Crew } from "../threads/crew.js";
import type { ResolvedOptimizer } from "../optimizer/spec.js";
import type { StateArray } from "../parameters/state.js";
import type { Apart } from "./apart.js";
import type { GateUse, SkippedStep, StepInput } from "./contract.js";
import type { Draws } from "./draws.js";
import type { GradientFigures } from "./diagnostics.js";
import type { Placement } from "./placement.js";

/** A kind of model, as the engine knows it. */
export interface StepKind<M extends Model> {
  /** The levels at which such models can show gradients to a pool. */
  levels(model: M): readonly Level[];
  /**
   * Whether a step at this level cannot fail once it has asked the pool, so that the pool may always write to the state that it is handed:
   * a copy would cost all rows that were ever touched. Absent: it may fail.
   */
  sure?(level: Level): boolean;
  make(parts: StepParts<M>): ModelStep;
}

/** Checked options: what a step is made of. */
export interface StepParts<M extends Model> {
  readonly model: M;
  readonly placement: Placement;
  readonly draws: Draws;
  /** Tasks have moments of their own, and the pool is not asked. */
  readonly apart?: Apart;
  readonly optimizer: ResolvedOptimizer;
  readonly seed: number;
  readonly initial?: ReadonlyMap<string, Float32Array>;
  readonly memory?: TableMemoryOptions;
  readonly tf?: TensorOps;
  /** Threads beside this one, where more than one is asked for. */
  readonly crew?: Crew;
}

/** How a step reaches the pool. */
export interface Asking {
  /** Somebody reads this step's diagnostics: compute what only they need. */
  readonly diagnose: boolean;
  /** This step has held-out examples. */
  readonly validate: boolean;
  /**
   * Shows gradients (one for each of the step's places, {@link Draws}) and losses to the pool; once a step. Gradients may be of any parameters, at any level: variables, touched
   * rows of tables (`ids` in their {@link JoinedGradients.parameters}), a representation. The state that the pool answers
   * with is kept once the step is known not to fail.
   */
  pool(gradients: JoinedGradients, losses: Float64Array): Combined;
}

/** What a step came to. Nothing has changed yet: the engine calls `apply`, or leaves the step out. */
export interface StepOutcome {
  /** T: mean loss of each task; NaN for an absent task. */
  readonly losses: Float64Array;
  readonly samples: number;
  /** The value of the model's regulariser, where it has one. */
  readonly regularizer?: number;
  /** How tasks mix experts; when somebody listens. */
  readonly gates?: readonly GateUse[];
  /** A loss or gradient is not finite. */
  readonly failure?: SkippedStep;
  /** What diagnostics show, where it is not the gradients that the pool was shown. */
  readonly figures?: GradientFigures;
  /**
   * Writes the new weights, within the placement's limit, and moves the optimiser's counters on. Answers with the norm of the whole
   * combined gradient before the limit, NaN where norms are not limited. `meanwhile`, called or not: see {@link StepInput.meanwhile}.
   * Absent: no task is present in this step.
   */
  apply?(meanwhile?: () => void): number;
}

export interface ModelStep {
  /** Where the arithmetic runs. */
  readonly backend: string;
  /** One step up to the new weights, from gradients of the level that the placement names. */
  run(input: StepInput, asking: Asking): StepOutcome;
  setLearningRate(learningRate: number): void;
  settle(): void;
  /** Weights, moments and counters: arrays as views of live memory, the rest as JSON beside what the engine adds. */
  state(): { readonly arrays: ReadonlyMap<string, StateArray>; readonly json: JsonObject };
  restore(arrays: ReadonlyMap<string, StateArray>, json: JsonObject): void;
  /** The whole table, settled. */
  table(name: string): Float32Array;
  /** A copy of a dense variable. */
  variable(name: string): Float32Array;
  /** Rows of what scores are computed from, where that is not the table. */
  representation?(table: string): Float32Array;
  predict?(batch: TensorBatch): readonly Float32Array[];
  scorer?(task: string): Scorer;
  memory(): MemoryUse;
  dispose(): void;
}
