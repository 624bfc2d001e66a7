import type { GraphModel } from "../graph/model-type.js";
import type { EmbeddingModel } from "../contract/embedding.js";
import type { TensorModel } from "../contract/tensor.js";

export type Model = EmbeddingModel | GraphModel | TensorModel;
