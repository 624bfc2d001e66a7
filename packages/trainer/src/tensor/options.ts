import type { Scorer, TensorBatch, TensorModel, TensorOps } from "@gradpool/models";
import type { Engine, EngineOptions } from "../engine/contract.js";

export interface TensorEngineOptions extends EngineOptions {
  readonly model: TensorModel;
  /** tfjs with the backend that is to be used: what `selectBackend` answers with. */
  readonly tf: TensorOps;
}

export interface TensorEngine extends Engine {
  readonly kind: "tensor";
  predict(batch: TensorBatch): readonly Float32Array[];
  /** Full ranking by one task's head, for models that have it. Reads the weights of this moment. */
  scorer(task: string): Scorer;
}
