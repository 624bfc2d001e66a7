import type * as tfjs from "@tensorflow/tfjs-core";
import { dense, denseSpecs } from "./layers.js";
import type { ForwardContext, TensorOps, Tensors, VariableSpec } from "./model.js";

/** Layers `<prefix>.<k>` of a stack: ReLU after each, dropout after that. */
export interface Stack {
  readonly prefix: string;
  readonly layers: number;
  readonly dropout: number;
}

/** An MLP: dense layers of a prefix, ReLU and dropout after each. */
export function hidden(
  tf: TensorOps,
  x: tfjs.Tensor2D,
  { prefix, layers, dropout }: Stack,
  variables: Tensors,
  context: ForwardContext,
): tfjs.Tensor2D {
  let y = x;
  for (let k = 0; k < layers; k++) y = context.dropout(layer(tf, y, `${prefix}.${k}`, variables, "relu"), dropout);
  return y;
}

/** A tower: an MLP and a linear layer with one output, the logit, [size, 1]. */
export function tower(
  tf: TensorOps,
  x: tfjs.Tensor2D,
  stack: Stack,
  variables: Tensors,
  context: ForwardContext,
): tfjs.Tensor2D {
  const y = hidden(tf, x, stack, variables, context);
  return layer(tf, y, `${stack.prefix}.${stack.layers}`, variables, "linear");
}

/** A tower's variables: `widths` of its hidden layers, none for a linear one. */
export function towerSpecs(
  prefix: string,
  input: number,
  widths: readonly number[],
  owner: string | null,
): VariableSpec[] {
  return denseSpecs(prefix, [input, ...widths, 1], owner, prefix);
}

function layer(
  tf: TensorOps,
  x: tfjs.Tensor2D,
  name: string,
  variables: Tensors,
  activation: "relu" | "linear",
): tfjs.Tensor2D {
  const weight = variables[`${name}.weight`] as tfjs.Tensor2D;
  return dense(tf, x, weight, variables[`${name}.bias`] as tfjs.Tensor1D, activation);
}
