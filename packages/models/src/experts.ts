import type * as tfjs from "@tensorflow/tfjs-core";
import { hidden, hiddenSpecs } from "./mlp.js";
import type { VariableSpec } from "./contract/parameters.js";
import type { ForwardContext, TensorOps, Tensors } from "./contract/tensor.js";

/** Experts `<prefix>.<k>`: MLPs of the same shape, each with start values of its own. */
export interface ExpertShape {
  readonly prefix: string;
  readonly count: number;
  readonly widths: readonly number[];
  readonly dropout: number;
  /** Batch normalisation before each ReLU. Default false. */
  readonly batchNorm?: boolean;
}

export function expertSpecs(
  { prefix, count, widths, batchNorm }: ExpertShape,
  input: number,
  { owner, place }: Pick<VariableSpec, "owner" | "place">,
): VariableSpec[] {
  const specs = Array.from({ length: count }, (_, k) =>
    hiddenSpecs(`${prefix}.${k}`, [input, ...widths], { owner, batchNorm }),
  ).flat();
  return place === undefined ? specs : specs.map((spec) => ({ ...spec, place }));
}

/** Their outputs side by side, [size, count, width]. */
export function experts(
  tf: TensorOps,
  x: tfjs.Tensor2D,
  { prefix, count, widths, dropout, batchNorm = false }: ExpertShape,
  variables: Tensors,
  context: ForwardContext,
): tfjs.Tensor3D {
  const outputs = Array.from({ length: count }, (_, k) =>
    hidden(tf, x, { prefix: `${prefix}.${k}`, layers: widths.length, dropout, batchNorm }, variables, context),
  );
  const [only] = outputs;
  // One is stacked without a copy.
  if (outputs.length === 1 && only !== undefined) return tf.reshape(only, [-1, 1, only.shape[1]]);
  return tf.stack(outputs, 1) as tfjs.Tensor3D;
}
