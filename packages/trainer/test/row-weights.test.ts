import { describe, expect, it } from "vitest";
import { labelsOf, lossOf } from "../src/tensor/losses.js";

const task = (objective: "bce" | "mse") => ({ name: "click", objective }) as const;

/** Loss and gradient of rows with these outputs, labels and weights. */
function answer(
  objective: "bce" | "mse",
  z: readonly number[],
  y: readonly number[],
  w?: readonly number[],
  heads = 1,
) {
  const size = z.length;
  const batch = {
    ...({
      kind: "impressions",
      size,
      tasks: ["click"],
      users: new Int32Array(size),
      fields: [],
    } as const),
    numericalNames: [],
    numerical: new Float32Array(0),
    masks: [new Uint8Array(size).fill(1)],
    labels: [Float32Array.from(y)],
    ...(w && { weights: Float32Array.from(w) }),
  };
  const [labels] = labelsOf([task(objective)], batch);
  if (!labels) return null;
  const outputs = Array.from({ length: heads }, (_, k) => Float32Array.from(z, (value) => value + k / 2));
  const out = outputs.map(() => new Float32Array(size));
  return { loss: lossOf(objective, outputs, labels, out, heads === 2 ? 1 : 3), gradient: out };
}

describe("a row's weight", () => {
  it.each([
    ["cross-entropy", "bce", 1],
    ["squares", "mse", 1],
    ["a product of probabilities", "bce", 2],
  ] as const)("is so many rows of the same kind: %s", (_, objective, heads) => {
    const weighted = answer(objective, [0.3, -1.2, 2], [1, 0, 1], [2, 1, 0], heads);
    const repeated = answer(objective, [0.3, 0.3, -1.2], [1, 1, 0], undefined, heads);
    expect(weighted?.loss).toBeCloseTo(repeated?.loss as number, 12);
    weighted?.gradient.forEach((own, k) => {
      const twice = repeated?.gradient[k] as Float32Array;
      expect(own[0]).toBeCloseTo((twice[0] as number) + (twice[1] as number), 6);
      expect(own[1]).toBeCloseTo(twice[2] as number, 6);
      expect(Math.abs(own[2] as number)).toBe(0);
    });
  });

  it("leaves a task out of a step in which every row weighs nothing", () => {
    expect(answer("bce", [1, 2], [1, 0], [0, 0])).toBeNull();
  });
});
