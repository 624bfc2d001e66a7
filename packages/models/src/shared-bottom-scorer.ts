import type * as tfjs from "@tensorflow/tfjs-core";
import type { Scorer, TensorOps, Weights } from "./model.js";

interface Layer {
  readonly w: tfjs.Tensor2D;
  readonly b: tfjs.Tensor1D;
}

interface Layers {
  readonly dim: number;
  readonly mlp: number;
  readonly tower: number;
}

/** Items scored at a time: activations of one layer then take 4 MiB, and do not grow with the catalogue. */
const itemsAtOnce = 16_384;

/**
 * Scores of every item for one user after the other. What depends on one side alone is computed once: the MLP's first layer is
 * P[u] + Q[i], its weight split into a user and an item half. The element product with a user's vector, followed by the tower's
 * first layer, is items · (diag(u) W): written below W's other rows, one product takes both halves of the representation, and
 * the pairs' products are never written out.
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
  const vector = (name: string): tfjs.Tensor1D => keep(() => tf.tensor1d(weights.variable(name).slice()));
  const width = (prefix: string, k: number): number => weights.variable(`${prefix}.${k}.bias`).length;
  const stack = (prefix: string, from: number, count: number): Layer[] =>
    Array.from({ length: count }, (_, k) => ({
      w: load(`${prefix}.${from + k}.weight`, width(prefix, from + k)),
      b: vector(`${prefix}.${from + k}.bias`),
    }));
  const layer = (a: tfjs.Tensor2D, { w: b, b: bias }: Layer, activation: "relu" | "linear"): tfjs.Tensor2D =>
    tf.fused.matMul({ a, b, bias, activation }) as tfjs.Tensor2D;

  const side = (name: string, rows: number): tfjs.Tensor2D => tf.tensor2d(weights.table(name).slice(), [rows, dim]);
  const first = load("mlp.0.weight", width("mlp", 0));
  const h = width("mlp", 0);
  const firstBias = vector("mlp.0.bias");
  const userPart = keep(() => tf.matMul(side("mlp.users", sizes.users), tf.slice(first, [0, 0], [dim, h])));
  const mfUsers = keep(() => side("mf.users", sizes.users));
  const blocks = tf.tidy(() => {
    const half = tf.slice(first, [dim, 0], [dim, h]);
    const itemPart = layer(side("mlp.items", sizes.items), { w: half, b: firstBias }, "linear");
    const mfItems = side("mf.items", sizes.items);
    return Array.from({ length: Math.ceil(sizes.items / itemsAtOnce) }, (_, k) => {
      const from = k * itemsAtOnce;
      const rows = Math.min(itemsAtOnce, sizes.items - from);
      const cut = (x: tfjs.Tensor2D): tfjs.Tensor2D => tf.keep(tf.slice(x, [from, 0], [rows, x.shape[1]]));
      return { deep: cut(itemPart), mf: cut(mfItems) };
    });
  });
  blocks.forEach(({ deep, mf }) => held.push(deep, mf));
  const bottom = stack("mlp", 1, layers.mlp - 1);
  const [top, ...rest] = stack(tower, 0, layers.tower + 1);
  if (top === undefined) throw new RangeError(`${tower} has no layers`);
  const t = top.w.shape[1];
  const productWeight = keep(() => tf.slice(top.w, [0, 0], [dim, t]));
  const deepWeight = keep(() => tf.slice(top.w, [dim, 0], [top.w.shape[0] - dim, t]));

  /** [items, 1] scores of one user. */
  function scoresOf(user: number): tfjs.Tensor {
    const mine = tf.slice(userPart, [user, 0], [1, h]);
    const scale = tf.reshape(tf.slice(mfUsers, [user, 0], [1, dim]), [dim, 1]);
    const own: Layer = { w: tf.concat([tf.mul<tfjs.Tensor2D>(scale, productWeight), deepWeight]), b: (top as Layer).b };
    const scores = blocks.map((block) =>
      tf.tidy(() => {
        let deep = tf.relu(tf.add<tfjs.Tensor2D>(block.deep, mine));
        for (const next of bottom) deep = layer(deep, next, "relu");
        let y = tf.concat([block.mf, deep], 1);
        for (const [k, next] of [own, ...rest].entries()) y = layer(y, next, k < rest.length ? "relu" : "linear");
        return y;
      }),
    );
    return tf.concat(scores);
  }

  return {
    score(users, out) {
      for (const [k, user] of users.entries()) {
        const scores = tf.tidy(() => scoresOf(user));
        out.set(scores.dataSync() as Float32Array, k * sizes.items);
        scores.dispose();
      }
    },
    dispose: () => tf.dispose(held),
  };
}
