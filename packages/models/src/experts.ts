import type * as tfjs from "@tensorflow/tfjs-core";
import { denseSpecs } from "./layers.js";
import { hidden } from "./mlp.js";
import type { ForwardContext, TensorOps, Tensors, VariableSpec } from "./model.js";

/** Experts `<prefix>.<k>`: MLPs of the same shape, each with start values of its own. */
export interface ExpertShape {
  readonly prefix: string;
  readonly count: number;
  readonly widths: readonly number[];
  readonly dropout: number;
}

export function expertSpecs(
  { prefix, count, widths }: ExpertShape,
  input: number,
  { owner, place }: Pick<VariableSpec, "owner" | "place">,
): VariableSpec[] {
  const specs = Array.from({ length: count }, (_, k) =>
    denseSpecs(`${prefix}.${k}`, [input, ...widths], owner, `${prefix}.${k}`),
  ).flat();
  return place === undefined ? specs : specs.map((spec) => ({ ...spec, place }));
}

/** Their outputs side by side, [size, count, width]. */
export function experts(
  tf: TensorOps,
  x: tfjs.Tensor2D,
  { prefix, count, widths, dropout }: ExpertShape,
  variables: Tensors,
  context: ForwardContext,
): tfjs.Tensor3D {
  const outputs = Array.from({ length: count }, (_, k) =>
    hidden(tf, x, { prefix: `${prefix}.${k}`, layers: widths.length, dropout }, variables, context),
  );
  return tf.stack(outputs, 1) as tfjs.Tensor3D;
}
