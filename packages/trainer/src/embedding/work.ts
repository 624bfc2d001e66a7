import type { EmbeddingModel, EmbeddingOps } from "@gradpool/models";
import type { Apart } from "../engine/apart.js";
import type { Draws } from "../engine/draws.js";
import type { Placement } from "../engine/placement.js";
import type { Asking } from "../engine/step.js";
import type { TableStore } from "../tables/store.js";
import type { Part } from "./batches.js";

/** All that one step of an embedding model works with. */
export interface EmbeddingWork {
  readonly model: EmbeddingModel;
  readonly placement: Placement;
  readonly store: TableStore;
  readonly ops: EmbeddingOps;
  readonly draws: Draws;
  readonly apart: Apart | undefined;
  /** By place ({@link Draws}); none: the task is absent. */
  readonly parts: readonly (readonly Part[])[];
  readonly present: readonly boolean[];
  /** T, of the first batch. Written to by the step: of accumulated batches, their sum by shares. */
  readonly losses: Float64Array;
  readonly asking: Asking;
}
