import type * as tfjs from "@tensorflow/tfjs-core";
import { batchNorm, normSpecs } from "./batch-norm.js";
import { type Activation, dense, denseSpecs } from "./layers.js";
import type { VariableSpec } from "./contract/parameters.js";
import type { ForwardContext, TensorOps, Tensors } from "./contract/tensor.js";

/** Layers `<prefix>.<k>` of a stack: ReLU after each, dropout after that. */
export interface Stack {
  readonly prefix: string;
  readonly layers: number;
  readonly dropout: number;
  /** Batch normalisation before each ReLU. Default false. */
  readonly batchNorm?: boolean;
}

/** Variables of the hidden layers between `widths`, the first of which is the input's. Normalised ones have no bias: it would be taken off. */
export function hiddenSpecs(
  prefix: string,
  widths: readonly number[],
  { owner, module = prefix, batchNorm: normed = false }: HiddenOwner,
): VariableSpec[] {
  const specs = denseSpecs(prefix, widths, owner, module);
  if (!normed) return specs;
  const [, ...outputs] = widths;
  return outputs.flatMap((width, k) => [
    specs[2 * k] as VariableSpec,
    ...normSpecs(`${prefix}.${k}`, width, owner, module),
  ]);
}

interface HiddenOwner {
  readonly owner: string | null;
  /** Default: the prefix. */
  readonly module?: string;
  readonly batchNorm?: boolean | undefined;
}

/** An MLP: dense layers of a prefix, ReLU and dropout after each. */
export function hidden(
  tf: TensorOps,
  x: tfjs.Tensor2D,
  { prefix, layers, dropout, batchNorm: normed = false }: Stack,
  variables: Tensors,
  context: ForwardContext,
): tfjs.Tensor2D {
  let y = x;
  for (let k = 0; k < layers; k++) {
    const name = `${prefix}.${k}`;
    const made = normed
      ? batchNorm(tf, tf.matMul(y, variables[`${name}.weight`] as tfjs.Tensor2D), name, "relu", variables, context)
      : layer(tf, y, name, variables, "relu");
    y = context.dropout(made, dropout);
  }
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
  batchNorm: boolean = false,
): VariableSpec[] {
  const hiddens = hiddenSpecs(prefix, [input, ...widths], { owner, batchNorm });
  const all = denseSpecs(prefix, [input, ...widths, 1], owner, prefix);
  return [...hiddens, ...all.slice(2 * widths.length)];
}

function layer(
  tf: TensorOps,
  x: tfjs.Tensor2D,
  name: string,
  variables: Tensors,
  activation: Activation,
): tfjs.Tensor2D {
  const weight = variables[`${name}.weight`] as tfjs.Tensor2D;
  return dense(tf, x, weight, variables[`${name}.bias`] as tfjs.Tensor1D, activation);
}
