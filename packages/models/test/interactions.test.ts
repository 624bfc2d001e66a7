import { createRandom } from "@gradpool/core";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { clickModel, factorisation, fieldInput, interaction, type TensorOps, type Tensors } from "../src/index.js";

const ops = tf as unknown as TensorOps;
const [size, fields, dim, numbers] = [4, 3, 2, 2];
const random = createRandom(3);
const draw = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal()));
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, k) => sum + x * (b[k] as number), 0);

const options = {
  fields: Array.from({ length: fields }, (_, f) => ({ name: `f${f}`, vocabulary: 5 })),
  numerical: numbers,
  dim,
};

describe("the interaction fm", () => {
  it.each(["raw", "embedding"] as const)(
    "adds both terms of a factorisation machine (numbers %s)",
    (numericalInput) => {
      const input = fieldInput({ ...options, numericalInput }, { model: "test" });
      const fm = interaction("fm", input, 2);
      const [embedded, numerical, linear] = [draw(size, fields * dim), draw(size, numbers), draw(size, fields)];
      const variables = [...input.variables, ...fm.specs].map(({ name, shape }) => {
        return [
          name,
          shape.length === 1 ? (draw(1, shape[0] as number)[0] as number[]) : draw(...(shape as [number, number])),
        ] as const;
      });
      const tensors: Tensors = Object.fromEntries(
        variables.map(([name, values]) => [name, ops.tensor(values as number[])]),
      );
      const inputs: Tensors = {
        fields: ops.tensor2d(embedded),
        numerical: ops.tensor2d(numerical),
        "linear.fields": ops.tensor2d(linear),
      };
      const read = input.read(ops, inputs, tensors);
      const out = fm.apply(ops, read, tensors, inputs).arraySync();
      const x = read.x.arraySync();
      const e = read.embeddings.arraySync();
      const weights = (Object.fromEntries(variables)["linear.numerical.weight"] as number[][]).flat();
      expect(fm.width).toBe(input.width + 2);
      out.forEach((row, r) => {
        const rows = Array.from({ length: input.count }, (_, f) => (e[r] as number[]).slice(f * dim, (f + 1) * dim));
        const pairs = rows.flatMap((a, f) => rows.slice(f + 1).map((b) => dot(a, b)));
        const first = dot(linear[r] as number[], [1, 1, 1]) + dot(numerical[r] as number[], weights);
        const second = pairs.reduce((sum, pair) => sum + pair, 0);
        [...(x[r] as number[]), first, second].forEach((wanted, k) => expect(row[k]).toBeCloseTo(wanted, 5));
      });
    },
  );

  it("has the gradient that tfjs would take of its products, to the last bit", () => {
    const taped: typeof factorisation = (_, x) => {
      const e = tf.reshape(x, [-1, fields, dim]);
      return tf.mul(tf.sub(tf.square(tf.sum(e, 1)), tf.sum(tf.square(e), 1)), 0.5);
    };
    const x = tf.tensor2d(draw(size, fields * dim));
    const dy = tf.tensor2d(draw(size, dim));
    const [ours, theirs] = [factorisation, taped].map((of) => {
      const { value, grad } = tf.valueAndGrad((y) => of(ops, y as tf.Tensor2D, fields, dim))(x, dy);
      return { value: value.dataSync(), grad: grad.dataSync() };
    });
    expect(ours).toEqual(theirs);
  });

  it("keeps a weight for each value of a field, in tables of one column", () => {
    const of = (tables: "per-field" | "joint") => clickModel({ ...options, tasks: ["a"], interaction: "fm", tables });
    const linear = (model: ReturnType<typeof of>): string[] =>
      model.tables.filter(({ dim: width }) => width === 1).map(({ name, rows }) => `${name} ${rows}`);
    expect(linear(of("per-field"))).toEqual(["linear.f0 5", "linear.f1 5", "linear.f2 5"]);
    expect(linear(of("joint"))).toEqual(["linear.fields 15"]);
  });
});
