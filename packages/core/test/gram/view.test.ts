import { describe, expect, it } from "vitest";
import { plainNorms } from "../../src/gram/view.js";
import { definePool, type Gram, poolContext, taskGradients, taskSet } from "../../src/index.js";

/** The problem that a method sees, and the combined gradient that weights 1/‖g‖ make. */
function seen(rows: readonly (readonly number[])[], zeros: "drop" | "keep"): { gram: Gram; combined: number[] } {
  let gram: Gram | undefined;
  const pool = definePool({
    name: "unit-sum",
    options: {},
    zeros,
    weigh(given) {
      gram = { ...given, norms: given.norms.slice(), cosines: given.cosines.slice() };
      return { weights: given.norms.map((norm) => (norm > 0 ? 1 / norm : 0)) };
    },
  });
  const tasks = taskSet(rows.length);
  const { combined } = pool.pool(
    taskGradients({ parameters: [{ name: "p", values: rows }] }),
    poolContext({ tasks }),
    pool.init(tasks),
  );
  return { gram: gram as Gram, combined: [...combined.value("p")] };
}

describe("what a method sees of gradients that float64 can hardly hold", () => {
  it.each([
    ["subnormal", 1e-310, 1],
    ["the smallest number", 5e-324, 1],
    ["shorter by more than any ratio", 1e-200, 1e200],
  ])("is a zero gradient: %s", (_, small, large) => {
    const { gram, combined } = seen(
      [
        [small, 0],
        [0, large],
      ],
      "drop",
    );
    expect([...gram.index]).toEqual([1]);
    expect(combined).toEqual([0, 1]);
    const kept = seen(
      [
        [small, small],
        [large, large],
      ],
      "keep",
    );
    expect(kept.gram.norms[0]).toBe(0);
    expect([...kept.gram.cosines]).toEqual([0, 0, 0, 1]);
    expect(kept.combined.every(Number.isFinite)).toBe(true);
  });

  it("is the gradient itself down to 1e-307 alone, and to 1e-150 of the longest", () => {
    for (const rows of [
      [[1e-307], [2e-307]],
      [[1e-150], [1]],
      [[1], [1e150]],
    ]) {
      expect(seen(rows, "drop").gram.size).toBe(2);
      expect((seen(rows, "keep").gram.norms[0] as number) / rows[0]![0]!).toBeCloseTo(1, 12);
    }
  });

  it("is nothing where all are subnormal: the combined gradient is zero", () => {
    const { gram, combined } = seen([[1e-310], [-3e-315]], "drop");
    expect(gram).toBeUndefined();
    expect(combined).toEqual([0]);
  });
});

describe("norms that need no look at each group", () => {
  const at = (...norms: number[]): boolean => plainNorms(Float64Array.from(norms));

  it("are zeros and what is between 2⁻⁴²² and 2²¹", () => {
    expect(at(0, 2 ** -422, 1, Math.PI, 2 ** 20.9)).toBe(true);
  });

  it.each([2 ** 21, 1e300, Infinity, NaN, 2 ** -475, 1e-150, 1e-310, 5e-324])("are not %d", (norm) => {
    expect(at(norm)).toBe(false);
    expect(at(1, 0, norm)).toBe(false);
  });
});
