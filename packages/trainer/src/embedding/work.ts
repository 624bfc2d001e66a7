import type { Batch } from "@gradpool/data";
import type { EmbeddingModel, EmbeddingOps } from "@gradpool/models";
import type { Placement } from "../engine/placement.js";
import type { Asking } from "../engine/step.js";
import type { TableStore } from "../tables/store.js";

/** All that one step of an embedding model works with. */
export interface EmbeddingWork {
  readonly model: EmbeddingModel;
  readonly placement: Placement;
  readonly store: TableStore;
  readonly ops: EmbeddingOps;
  /** One per task; null: the task is absent. */
  readonly batches: readonly (Batch | null)[];
  readonly present: readonly boolean[];
  /** Written to by the step. */
  readonly losses: Float64Array;
  readonly asking: Asking;
}
