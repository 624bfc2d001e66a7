import type { GraphModel } from "../graph/model-type.js";
import type { EmbeddingModel, TensorModel } from "../model.js";

export type Model = EmbeddingModel | GraphModel | TensorModel;
