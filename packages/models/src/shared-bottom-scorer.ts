import type * as tfjs from "@tensorflow/tfjs-core";
import type { Scorer, TensorOps, Weights } from "./model.js";

interface Layer {
  readonly w: tfjs.Tensor2D;
  readonly b: tfjs.Tensor2D;
}

interface Layers {
  readonly dim: number;
  readonly mlp: number;
  readonly tower: number;
}

/** Pairs scored at a time: what one layer's activations may take (64 wide, 4 bytes each: 32 MiB). */
const pairsAtOnce = 131_072;

/**
 * Scores of every item for a few users at a time. What depends on one side alone is computed once: the MLP's first layer is
 * P[u] + Q[i] (its weight split into a user and an item half), and the element product with a user's vector, followed by the
 * tower's first layer, is items · (diag(u) W): a matrix product without the pairs' products being written out.
 */
export function pairScorer(
  tf: TensorOps,
  tower: string,
  layers: Layers,
  sizes: { readonly users: number; readonly items: number },
  weights: Weights,
): Scorer {
  const { dim } = layers;
  const held: tfjs.Tensor[] = [];
  const keep = <X extends tfjs.Tensor>(make: () => X): X => {
    const tensor = tf.tidy(make);
    held.push(tensor);
    return tensor;
  };
  const load = (name: string, columns: number): tfjs.Tensor2D =>
    keep(() => tf.tensor2d(weights.variable(name).slice(), [weights.variable(name).length / columns, columns]));
  const width = (prefix: string, k: number): number => weights.variable(`${prefix}.${k}.bias`).length;
  const stack = (prefix: string, from: number, count: number): Layer[] =>
    Array.from({ length: count }, (_, k) => ({
      w: load(`${prefix}.${from + k}.weight`, width(prefix, from + k)),
      b: load(`${prefix}.${from + k}.bias`, width(prefix, from + k)),
    }));

  const side = (name: string, rows: number): tfjs.Tensor2D =>
    keep(() => tf.tensor2d(weights.table(name).slice(), [rows, dim]));
  const first = load("mlp.0.weight", width("mlp", 0));
  const h = width("mlp", 0);
  const firstBias = load("mlp.0.bias", h);
  const userPart = keep(() => tf.matMul(side("mlp.users", sizes.users), tf.slice(first, [0, 0], [dim, h])));
  const itemPart = keep(() =>
    tf.add(tf.matMul(side("mlp.items", sizes.items), tf.slice(first, [dim, 0], [dim, h])), firstBias),
  );
  const mfUsers = side("mf.users", sizes.users);
  const mfItems = side("mf.items", sizes.items);
  const bottom = stack("mlp", 1, layers.mlp - 1);
  const [top, ...rest] = stack(tower, 0, layers.tower + 1);
  if (top === undefined) throw new RangeError(`${tower} has no layers`);
  const t = top.w.shape[1];
  const productWeight = keep(() => tf.slice(top.w, [0, 0], [dim, t]));
  const deepWeight = keep(() => tf.slice(top.w, [dim, 0], [top.w.shape[0] - dim, t]));
  const relu = (x: tfjs.Tensor2D, { w, b }: Layer): tfjs.Tensor2D => tf.relu(tf.add<tfjs.Tensor2D>(tf.matMul(x, w), b));

  /** [items · k, 1] scores of k users, item by item. */
  function block(users: Int32Array): tfjs.Tensor {
    const k = users.length;
    const { items } = sizes;
    const ids = tf.tensor1d(users.slice(), "int32");
    const mine = tf.reshape(tf.gather(userPart, ids), [1, k, h]);
    let deep = tf.reshape(tf.relu(tf.add(tf.reshape(itemPart, [items, 1, h]), mine)), [items * k, h]) as tfjs.Tensor2D;
    for (const layer of bottom) deep = relu(deep, layer);
    const scaled = tf.mul(tf.reshape(tf.gather(mfUsers, ids), [k, dim, 1]), tf.reshape(productWeight, [1, dim, t]));
    const perUser = tf.reshape(tf.transpose(scaled, [1, 0, 2]), [dim, k * t]) as tfjs.Tensor2D;
    const product = tf.reshape(tf.matMul(mfItems, perUser), [items * k, t]);
    let y = tf.add(tf.add(product, tf.matMul(deep, deepWeight)), (top as Layer).b) as tfjs.Tensor2D;
    for (const { w, b } of rest) y = tf.add<tfjs.Tensor2D>(tf.matMul(tf.relu(y), w), b);
    return tf.transpose(tf.reshape(y, [items, k]));
  }

  return {
    score(users, out) {
      const step = Math.max(1, Math.floor(pairsAtOnce / sizes.items));
      for (let from = 0; from < users.length; from += step) {
        const some = users.subarray(from, from + step);
        const scores = tf.tidy(() => block(some));
        out.set(scores.dataSync() as Float32Array, from * sizes.items);
        scores.dispose();
      }
    },
    dispose: () => tf.dispose(held),
  };
}
