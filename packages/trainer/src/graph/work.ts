import type { EmbeddingOps, EncoderInput, EncoderRun, GraphModel } from "@gradpool/models";
import type { Part } from "../embedding/batches.js";
import type { Draws } from "../engine/draws.js";
import type { Placement } from "../engine/placement.js";
import type { Asking, StepOutcome } from "../engine/step.js";
import type { Arena } from "../memory/arena.js";
import type { Scratch } from "../memory/scratch.js";
import type { DenseStore } from "../tensor/dense/store.js";
import type { ArenaBlock } from "./block.js";
import type { NodeSource } from "./node-part.js";
import type { NodeTables } from "./nodes.js";
import type { Reading } from "./reading.js";

/** What a graph model's engine holds from step to step. */
export interface GraphParts {
  readonly model: GraphModel;
  readonly placement: Placement;
  readonly draws: Draws;
  readonly arena: Arena;
  readonly ops: EmbeddingOps;
  readonly nodes: NodeTables;
  readonly dense: DenseStore;
  readonly reading: Reading;
  readonly run: EncoderRun;
  /** Rows of Z that a step reads, and what arrives there. */
  readonly z: ArenaBlock;
  readonly arriving: ArenaBlock;
  /** d loss / d E0, a row per node in the graph's order: one for each place at the level `parameters`. */
  readonly gradients: readonly ArenaBlock[];
  /** The tables' rows of these, for the pool. */
  readonly sources: readonly NodeSource[];
  /** As these, for a regulariser of Z that goes back alone. */
  readonly decaying: ArenaBlock;
  /** Nodes, how often each is meant, and weights, on their way. */
  readonly chosen: Scratch;
  readonly times: Scratch;
  readonly weights: Scratch;
}

/** All that one step works with. */
export interface GraphWork extends GraphParts {
  readonly input: EncoderInput;
  /** By place ({@link Draws}); none: the task is absent. */
  readonly parts: readonly (readonly Part[])[];
  readonly present: readonly boolean[];
  /** T, of the first batch. Written to by the step: of accumulated batches, their sum by shares. */
  readonly losses: Float64Array;
  readonly asking: Asking;
}

/** What a level came to: see {@link StepOutcome}. */
export type Decision = Pick<StepOutcome, "failure" | "figures" | "apply">;
