import type { EmbeddingModel, EmbeddingOps } from "@gradpool/models";
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
  /** By task; none: it is absent. */
  readonly parts: readonly (readonly Part[])[];
  readonly present: readonly boolean[];
  /** Written to by the step: of several batches, their sum by shares. */
  readonly losses: Float64Array;
  readonly asking: Asking;
}
