import { describe, expect, it } from "vitest";
import { lossOf } from "../src/tensor/losses.js";

const labels = {
  values: Float32Array.of(1, 0, 1, 0.25, 1),
  mask: Uint8Array.of(1, 1, 0, 1, 1),
  count: 4,
};

/** d loss / d output by central differences. */
function numerical(outputs: readonly Float32Array[], weight: number, k: number, r: number): number {
  const at = (by: number): number => {
    const moved = outputs.map((of) => Float32Array.from(of));
    (moved[k] as Float32Array)[r] = ((outputs[k] as Float32Array)[r] as number) + by;
    return lossOf(
      "bce",
      moved,
      labels,
      moved.map((of) => new Float32Array(of.length)),
      weight,
    );
  };
  const step = 2 ** -7;
  return (at(step) - at(-step)) / (2 * step);
}

describe("a weight of positive labels", () => {
  it("is PyTorch's pos_weight", () => {
    // torch.nn.functional.binary_cross_entropy_with_logits(z[mask], y[mask], pos_weight=torch.tensor(3.)), torch 2.13.0
    const z = Float32Array.of(0.3, -1.2, 5, 2.5, -0.7);
    const out = [new Float32Array(5)];
    expect(lossOf("bce", [z], labels, out, 3)).toBeCloseTo(1.8073102372, 6);
    expect(Array.from(out[0] as Float32Array, (x) => Number(x.toFixed(6)))).toEqual([
      -0.319168, 0.057869, 0, 0.159053, -0.501141,
    ]);
  });

  it.each([1, 4])("of %f has the gradient of its loss, of one logit and of a product", (weight) => {
    for (const outputs of [
      [Float32Array.of(0.3, -1.2, 5, 2.5, -0.7)],
      [Float32Array.of(0.3, -1.2, 5, 2.5, -0.7), Float32Array.of(1.1, 0.2, -3, 0.4, 2)],
    ]) {
      const out = outputs.map((of) => new Float32Array(of.length));
      lossOf("bce", outputs, labels, out, weight);
      outputs.forEach((_, k) => {
        for (let r = 0; r < 5; r++)
          expect(out[k]?.[r]).toBeCloseTo(labels.mask[r] === 0 ? 0 : numerical(outputs, weight, k, r), 4);
      });
    }
  });

  it("of 1 leaves every bit", () => {
    const z = Float32Array.of(0.3, -1.2, 5, 2.5, -0.7);
    const [one, other] = [new Float32Array(5), new Float32Array(5)];
    expect(lossOf("bce", [z], labels, [one], 1)).toBe(lossOf("bce", [z], labels, [other]));
    expect(one).toEqual(other);
  });
});
