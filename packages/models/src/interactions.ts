import type * as tfjs from "@tensorflow/tfjs-core";
import type { Embedded, FieldInput } from "./field-input.js";
import { firstOrder } from "./first-order.js";
import type { Lookup, TableSpec, VariableSpec } from "./contract/parameters.js";
import type { TensorBatch, TensorOps, Tensors } from "./contract/tensor.js";

/** Products of features, beside or before a deep part. */
export type InteractionName = "dcn" | "dcn-v2" | "deepfm" | "fm" | "none";

/** What becomes of the embedded inputs before the deep part. */
export interface Interaction {
  readonly specs: readonly VariableSpec[];
  /** Of its own, beside the inputs'. */
  readonly tables: readonly TableSpec[];
  lookups(batch: TensorBatch): readonly Lookup[];
  /** Of what it makes. */
  readonly width: number;
  /** `inputs`: all that the trunk gets. */
  apply(tf: TensorOps, input: Embedded, variables: Tensors, inputs: Tensors): tfjs.Tensor2D;
}

const noTables = { tables: [], lookups: (): readonly Lookup[] => [] };

/**
 * - `dcn`: cross layers x₀ (x w) + b + x (Wang et al. 2017). `dcn-v2`: x₀ ∘ (x W + b) + x (Wang et al. 2021).
 * - `deepfm`: the inputs, and beside them the sum of all products of two embeddings (Guo et al. 2017).
 * - `fm`: the inputs, and beside them the two terms of a factorisation machine, one number each: the weights of the row's features
 *   ({@link firstOrder}), and the inner products of all pairs of embeddings (Rendle 2010).
 * - `none`: the inputs as they are.
 */
export function interaction(name: InteractionName, input: FieldInput, crossLayers: number): Interaction {
  const { width, count, dim } = input;
  switch (name) {
    case "dcn":
      return {
        ...noTables,
        specs: crossSpecs(crossLayers, width),
        width,
        apply: (tf, { x }, v) => cross(tf, x, crossLayers, v),
      };
    case "dcn-v2":
      return {
        ...noTables,
        specs: crossSpecs(crossLayers, width, width),
        width,
        apply: (tf, { x }, v) => crossV2(tf, x, crossLayers, v),
      };
    case "deepfm":
      return {
        ...noTables,
        specs: [],
        width: width + dim,
        apply: (tf, { x, embeddings }) => tf.concat([x, factorisation(tf, embeddings, count, dim)], 1),
      };
    case "fm": {
      const first = firstOrder(input.source);
      return {
        ...first,
        specs: first.variables,
        width: width + 2,
        apply: (tf, { x, embeddings }, v, inputs) =>
          tf.concat([x, first.apply(tf, inputs, v), secondOrder(tf, embeddings, count, dim)], 1),
      };
    }
    case "none":
      return { ...noTables, specs: [], width, apply: (_, { x }) => x };
  }
}

/** Variables of `layers` cross layers over inputs of `width`; `outputs` 1: DCN's vectors, `width`: DCN-v2's matrices. */
export function crossSpecs(layers: number, width: number, outputs: number = 1): VariableSpec[] {
  return Array.from({ length: layers }, (_, k): VariableSpec[] => [
    {
      name: `cross.${k}.weight`,
      shape: [width, outputs],
      init: { kind: "xavier" },
      owner: null,
      module: "interaction",
    },
    {
      name: `cross.${k}.bias`,
      shape: [width],
      init: { kind: "constant", value: 0 },
      owner: null,
      module: "interaction",
    },
  ]).flat();
}

/** x ← x₀ (x w) + b + x, layer by layer: products of features of a degree that grows with the depth (DCN, Wang et al. 2017). */
export function cross(tf: TensorOps, x0: tfjs.Tensor2D, layers: number, variables: Tensors): tfjs.Tensor2D {
  let x = x0;
  for (let k = 0; k < layers; k++) {
    const weight = variables[`cross.${k}.weight`] as tfjs.Tensor2D;
    const along = tf.mul(x0, tf.matMul(x, weight));
    x = tf.add(tf.add(along, variables[`cross.${k}.bias`] as tfjs.Tensor1D), x);
  }
  return x;
}

/** x ← x₀ ∘ (x W + b) + x, layer by layer (DCN-v2, Wang et al. 2021). */
export function crossV2(tf: TensorOps, x0: tfjs.Tensor2D, layers: number, variables: Tensors): tfjs.Tensor2D {
  let x = x0;
  for (let k = 0; k < layers; k++) {
    const weight = variables[`cross.${k}.weight`] as tfjs.Tensor2D;
    const along = tf.add(tf.matMul(x, weight), variables[`cross.${k}.bias`] as tfjs.Tensor1D);
    x = tf.add(tf.mul(x0, along), x);
  }
  return x;
}

/**
 * ½ ((Σ_f e_f)² − Σ_f e_f²), [size, dim]: all products of two fields' embeddings (the FM part of DeepFM, Guo et al. 2017).
 * `fields` is [size, count · dim]. Its sum over dim is {@link secondOrder}. With a gradient of its own, dy (Σ_g e_g − e_f): tfjs' takes
 * ten passes over all embeddings, and keeps what each of them makes until the backward pass is over.
 */
export function factorisation(tf: TensorOps, fields: tfjs.Tensor2D, count: number, dim: number): tfjs.Tensor2D {
  const layer = tf.customGrad((...inputs) => {
    const [x, save] = inputs as unknown as [tfjs.Tensor2D, tfjs.GradSaveFunc];
    const e = tf.reshape(x, [-1, count, dim]);
    const sum = tf.sum<tfjs.Tensor2D>(e, 1);
    save([x, sum]);
    return {
      value: tf.mul<tfjs.Tensor2D>(tf.sub(tf.square(sum), tf.sum(tf.square(e), 1)), 0.5),
      gradFunc: (dy: tfjs.Tensor, saved: tfjs.Tensor[]) =>
        tf.tidy(() => {
          const [x, sum] = saved as [tfjs.Tensor2D, tfjs.Tensor2D];
          const d = tf.reshape(dy, [-1, 1, dim]);
          const ofSum = tf.mul(d, tf.reshape(sum, [-1, 1, dim]));
          const ofOwn = tf.mul(d, tf.reshape(x, [-1, count, dim]));
          return tf.reshape(tf.sub(ofSum, ofOwn), x.shape);
        }),
    };
  });
  return layer(fields) as tfjs.Tensor2D;
}

/** FM's second-order term, the sum of ⟨e_f, e_g⟩ over all pairs of fields: [size, 1] (Rendle 2010, eq. 1). */
export const secondOrder = (tf: TensorOps, fields: tfjs.Tensor2D, count: number, dim: number): tfjs.Tensor2D =>
  tf.sum(factorisation(tf, fields, count, dim), 1, true);
