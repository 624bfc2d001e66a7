import type * as tfjs from "@tensorflow/tfjs-core";
import type { PairLayer, PairNetwork, Scorer, Weights } from "./contract/ranking.js";
import type { TensorOps } from "./contract/tensor.js";

interface Layer {
  readonly w: tfjs.Tensor2D;
  readonly b: tfjs.Tensor2D;
}

/** Pairs scored at a time: what one layer's activations may take (64 wide, 4 bytes each: 32 MiB). */
const pairsAtOnce = 131_072;

/**
 * Scores of every item for a few users at a time. What depends on one side alone is computed once: the MLP's first layer is
 * P[u] + Q[i] (its weight split into a user and an item half), and the element product with a user's vector, followed by the
 * tower's first layer, is items · (diag(u) W): a matrix product without the pairs' products being written out.
 */
export function pairScorer(tf: TensorOps, network: PairNetwork): Scorer {
  const { dim, users: userCount, items, factors, deep: mlp, tower } = network;
  const held: tfjs.Tensor[] = [];
  const keep = <X extends tfjs.Tensor>(make: () => X): X => {
    const tensor = tf.tidy(make);
    held.push(tensor);
    return tensor;
  };
  const matrix = (values: Float32Array, columns: number): tfjs.Tensor2D =>
    keep(() => tf.tensor2d(values.slice(), [values.length / columns, columns]));
  const load = ({ weight, bias }: PairLayer): Layer => ({
    w: matrix(weight, bias.length),
    b: matrix(bias, bias.length),
  });
  const side = (rows: Float32Array, count: number): tfjs.Tensor2D =>
    keep(() => tf.tensor2d(rows.slice(), [count, dim]));

  const [first, ...bottom] = mlp.layers.map(load) as [Layer, ...Layer[]];
  const h = first.b.shape[1];
  const userPart = keep(() => tf.matMul(side(mlp.users, userCount), tf.slice(first.w, [0, 0], [dim, h])));
  const itemPart = keep(() =>
    tf.add(tf.matMul(side(mlp.items, items), tf.slice(first.w, [dim, 0], [dim, h])), first.b),
  );
  const mfUsers = side(factors.users, userCount);
  const mfItems = side(factors.items, items);
  const [top, ...rest] = tower.map(load) as [Layer, ...Layer[]];
  const t = top.w.shape[1];
  const productWeight = keep(() => tf.slice(top.w, [0, 0], [dim, t]));
  const deepWeight = keep(() => tf.slice(top.w, [dim, 0], [top.w.shape[0] - dim, t]));
  const relu = (x: tfjs.Tensor2D, { w, b }: Layer): tfjs.Tensor2D => tf.relu(tf.add<tfjs.Tensor2D>(tf.matMul(x, w), b));

  /** [items · k, 1] scores of k users, item by item. */
  function block(users: Int32Array): tfjs.Tensor {
    const k = users.length;
    const ids = tf.tensor1d(users.slice(), "int32");
    const mine = tf.reshape(tf.gather(userPart, ids), [1, k, h]);
    let deep = tf.reshape(tf.relu(tf.add(tf.reshape(itemPart, [items, 1, h]), mine)), [items * k, h]) as tfjs.Tensor2D;
    for (const layer of bottom) deep = relu(deep, layer);
    const scaled = tf.mul(tf.reshape(tf.gather(mfUsers, ids), [k, dim, 1]), tf.reshape(productWeight, [1, dim, t]));
    const perUser = tf.reshape(tf.transpose(scaled, [1, 0, 2]), [dim, k * t]) as tfjs.Tensor2D;
    const product = tf.reshape(tf.matMul(mfItems, perUser), [items * k, t]);
    let y = tf.add(tf.add(product, tf.matMul(deep, deepWeight)), top.b) as tfjs.Tensor2D;
    for (const { w, b } of rest) y = tf.add<tfjs.Tensor2D>(tf.matMul(tf.relu(y), w), b);
    return tf.transpose(tf.reshape(y, [items, k]));
  }

  return {
    score(users, out) {
      const step = Math.max(1, Math.floor(pairsAtOnce / items));
      for (let from = 0; from < users.length; from += step) {
        const some = users.subarray(from, from + step);
        const scores = tf.tidy(() => block(some));
        out.set(scores.dataSync() as Float32Array, from * items);
        scores.dispose();
      }
    },
    dispose: () => tf.dispose(held),
  };
}

/** The network of a shared bottom and one of its towers. */
export function pairNetwork(
  tower: string,
  layers: { readonly dim: number; readonly mlp: number; readonly tower: number },
  sizes: { readonly users: number; readonly items: number },
  weights: Weights,
): PairNetwork {
  const stack = (prefix: string, count: number): PairLayer[] =>
    Array.from({ length: count }, (_, k) => ({
      weight: weights.variable(`${prefix}.${k}.weight`),
      bias: weights.variable(`${prefix}.${k}.bias`),
    }));
  const sides = (kind: string) => ({ users: weights.table(`${kind}.users`), items: weights.table(`${kind}.items`) });
  return {
    ...sizes,
    dim: layers.dim,
    factors: sides("mf"),
    deep: { ...sides("mlp"), layers: stack("mlp", layers.mlp) },
    tower: stack(tower, layers.tower + 1),
  };
}
