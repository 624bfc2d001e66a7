import { createRandom } from "@gradpool/core";
import type { Tensor, TensorOps } from "@gradpool/models";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { arrivedBy } from "../src/tensor/heads/arrived.js";
import { largestDifference, tf } from "./tensor-helpers.js";

/** The backend whose kernels take inner products where the gradients are. */
const onDevice: TensorOps = { ...tf, getBackend: () => "tensorflow" };
const random = createRandom(5);
const tensor = (...shape: number[]): Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  );

/** Three tasks and a regulariser. A mixture of the first tensor of the cut, which all but one read; the second on the tape. */
const size = 6;
const cut = [tensor(size, 3, 4), tensor(size, 5)];
const mixture = () => ({ cut: 0, weights: tensor(size, 3) as Tensor2D, made: tensor(size, 4) as Tensor2D });
const mixtures = [mixture(), mixture(), mixture(), mixture()];
const reads = (own: number): (Tensor | null)[] => mixtures.map((_, k) => (k === own ? tensor(size, 4) : null));
const none = mixtures.map(() => null);
const flat = (tensors: readonly Tensor[]): number[] => tensors.flatMap((one) => [...one.dataSync()]);

describe("what arrives at a cut", () => {
  it.each([
    ["through mixtures, and on the tape", [reads(0), reads(1), none, reads(3)], [null, null, null, null]],
    [
      "through mixtures and on the tape at one tensor",
      [reads(0), reads(1), none, none],
      [null, tensor(size, 3, 4), tensor(size, 3, 4), null],
    ],
    ["on the tape alone", [none, none, none, none], [tensor(size, 3, 4), null, tensor(size, 3, 4), tensor(size, 3, 4)]],
  ] as const)("(%s) has the sums and inner products of the terms written out", (_name, mixed, taped) => {
    const terms = mixed.map((own, term) => ({
      cut: [taped[term] ?? null, term === 1 ? null : tensor(size, 5)],
      mixtures: own,
    }));
    const arrived = arrivedBy(onDevice, cut, mixtures, terms, 3);
    const written = terms.map((_, term) => flat(arrived.one(term)));
    const weights = [0.5, -2, 1, 1];
    const wanted = (written[0] as number[]).map((_, k) =>
      weights.reduce((sum, w, term) => sum + w * (written[term]?.[k] as number), 0),
    );
    expect(largestDifference(flat(arrived.sum(weights)), wanted)).toBeLessThan(1e-5);
    const gram = arrived.gram() as Float64Array;
    const products = [0, 1, 2].flatMap((s) =>
      [0, 1, 2].map((t) => (written[s] as number[]).reduce((sum, x, k) => sum + x * (written[t]?.[k] as number), 0)),
    );
    expect(largestDifference(gram, products)).toBeLessThan(1e-4);
    // Made from the stack that the inner products left.
    expect(largestDifference(flat(arrived.sum(weights)), wanted)).toBeLessThan(1e-5);
  });

  it("goes when it is let go, all but the sums", () => {
    const terms = [0, 1].map((own) => ({ cut: [null, own === 0 ? tensor(size, 5) : null], mixtures: reads(own) }));
    const arrived = arrivedBy(onDevice, cut, mixtures, terms, 2);
    arrived.gram();
    const sum = arrived.sum([1, 1]);
    const wanted = sum.map((one) => [...one.dataSync()]);
    arrived.release(sum);
    const held = terms.flatMap((term) => [...term.cut, ...term.mixtures]).filter((one) => one !== null);
    expect(held.map((one) => one.isDisposed || sum.includes(one))).toEqual(held.map(() => true));
    expect(sum.map((one) => [...one.dataSync()])).toEqual(wanted);
  });

  it("is zero where a term reads nothing", () => {
    const arrived = arrivedBy(onDevice, cut, mixtures, [null, null], 1);
    expect(flat(arrived.one(0)).every((x) => x === 0)).toBe(true);
    expect(flat(arrived.sum([1, 1])).every((x) => x === 0)).toBe(true);
    expect([...(arrived.gram() as Float64Array)]).toEqual([0]);
  });
});
