import type * as tfjs from "@tensorflow/tfjs-core";
import type { FieldSource } from "./field-input.js";
import { fieldTables } from "./fields.js";
import type { Lookup, TableSpec, VariableSpec } from "./contract/parameters.js";
import type { TensorBatch, TensorOps, Tensors } from "./contract/tensor.js";

/** Before the names of its tables and variable. */
const prefix = "linear.";

/** Weights of single features. */
export interface FirstOrder {
  readonly tables: readonly TableSpec[];
  readonly variables: readonly VariableSpec[];
  lookups(batch: TensorBatch): readonly Lookup[];
  /** [size, 1]. */
  apply(tf: TensorOps, inputs: Tensors, variables: Tensors): tfjs.Tensor2D;
}

/**
 * The first-order term of a factorisation machine, Σ_f w_f + ⟨w, numbers⟩: a weight for each value of a field (several values of a
 * row pooled as their embeddings are) and one for each numerical input (Rendle 2010, eq. 1, without w₀, which the layers
 * above have as their biases).
 */
export function firstOrder(source: FieldSource): FirstOrder {
  const { fields, numerical, init, impressions } = source;
  const weights = fieldTables(fields, { dim: 1, init, tables: source.tables }, { model: source.model, prefix });
  const name = `${prefix}numerical.weight`;
  const shape = [numerical, 1];
  return {
    tables: weights.tables,
    variables: numerical > 0 ? [{ name, shape, init, owner: null, module: "interaction" }] : [],
    lookups: (batch) => weights.lookups(impressions(batch)),
    apply(tf, inputs, variables) {
      const sum = tf.sum<tfjs.Tensor2D>(inputs[`${prefix}fields`] as tfjs.Tensor2D, 1, true);
      if (numerical === 0) return sum;
      return tf.add(sum, tf.matMul(inputs["numerical"] as tfjs.Tensor2D, variables[name] as tfjs.Tensor2D));
    },
  };
}
