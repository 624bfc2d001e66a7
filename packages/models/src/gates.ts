import type * as tfjs from "@tensorflow/tfjs-core";
import { denseSpecs } from "./layers.js";
import { hidden } from "./mlp.js";
import type { VariableSpec } from "./contract/parameters.js";
import type { ForwardContext, TensorOps, Tensors } from "./contract/tensor.js";

/** What gates of a model have in common. */
export interface GateShape {
  /** Hidden layers before the weights; none: linear. */
  readonly widths: readonly number[];
  readonly bias: boolean;
}

type Ownership = Pick<VariableSpec, "owner" | "place">;

/** Variables of a gate over `experts`: `<prefix>.<k>`, the last without a bias unless it is asked for. */
export function gateSpecs(
  prefix: string,
  { widths, bias }: GateShape,
  sizes: { readonly input: number; readonly experts: number },
  { owner, place }: Ownership,
): VariableSpec[] {
  const all = denseSpecs(prefix, [sizes.input, ...widths, sizes.experts], owner, prefix);
  const kept = bias ? all : all.slice(0, -1);
  return place === undefined ? kept : kept.map((spec) => ({ ...spec, place }));
}

/** softmax(V x), [size, experts]: how a reader mixes experts. */
export function gate(
  tf: TensorOps,
  x: tfjs.Tensor2D,
  prefix: string,
  { widths, bias }: GateShape,
  variables: Tensors,
  context: ForwardContext,
): tfjs.Tensor2D {
  const y = hidden(tf, x, { prefix, layers: widths.length, dropout: 0 }, variables, context);
  const last = `${prefix}.${widths.length}`;
  const scores = tf.matMul(y, variables[`${last}.weight`] as tfjs.Tensor2D);
  const biased = bias ? tf.add<tfjs.Tensor2D>(scores, variables[`${last}.bias`] as tfjs.Tensor1D) : scores;
  return tf.softmax(biased) as tfjs.Tensor2D;
}
