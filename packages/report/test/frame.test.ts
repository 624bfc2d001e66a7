import { describe, expect, it } from "vitest";
import { forTicks, metric, quantity } from "../src/drawing/format.js";
import { spread, wantsSymlog } from "../src/figures/frame.js";
import { sharedAxes } from "../src/figures/tasks.js";

const lines = (...values: readonly number[]) =>
  values.map((value, index) => ({ task: `t${index}`, index, points: [[0, value], [9, value]] as const })); // prettier-ignore

describe("an axis of which one value dwarfs the others", () => {
  it("is in proportion up to a third of the middle size, and logarithmic above", () => {
    expect(wantsSymlog([1, 1.2, 0.9, 27])).toBeCloseTo(1.1 / 3, 12);
    expect(wantsSymlog([1, -30, 0, 0.9, 1])).toBeCloseTo(1 / 3, 12);
    expect(wantsSymlog([1, 2, 7])).toBeUndefined();
    expect(wantsSymlog([0, 0])).toBeUndefined();
    const weights = [lines(1, 1, 0.5), lines(27, 3, 1)];
    expect(sharedAxes("step", weights, true)).toMatchObject({ linearTo: 1 / 3, log: false });
    expect(sharedAxes("step", weights, true)?.yDomain[0]).toBe(0);
    expect(sharedAxes("step", [lines(1, 1, 0.5)], true)).not.toHaveProperty("linearTo");
    expect(sharedAxes("step", weights)).not.toHaveProperty("linearTo");
  });

  it("keeps labels apart where its values are close, and where they are where these are not", () => {
    const axes = { x: "step", xDomain: [0, 9], yDomain: [-5, 30], linearTo: 0.3 } as const;
    const apart = [27, 1, -4];
    spread(apart, axes).forEach((at, k) => expect(at).toBeCloseTo(apart[k] as number, 6));
    const [a = 0, b = 0, c = 0] = spread([1, 1, 1], axes);
    const bent = (value: number): number => Math.sign(value) * Math.log1p(Math.abs(value) / 0.3);
    expect(bent(b) - bent(a)).toBeGreaterThan(0.1);
    expect(bent(c) - bent(b)).toBeCloseTo(bent(b) - bent(a), 9);
  });
});

describe("ticks", () => {
  it("have more digits where neighbours would read alike", () => {
    const near = forTicks(metric, [0.994, 0.9943], 5);
    expect([0.994, 0.99405, 0.9941].map(near)).toEqual(["0.99400", "0.99405", "0.99410"]);
    expect(forTicks(metric, [0.7, 0.8], 5)).toBe(metric);
    const [a, b] = [0.8109, 0.8111].map(forTicks(quantity, [0.8109, 0.8117], 4));
    expect(a).not.toBe(b);
    expect(forTicks(quantity, [1, 1], 4)(1)).toBe("1");
  });
});
