import { combinedOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { krum } from "../src/index.js";

const close = [[1, 0], [1.1, 0], [0.9, 0.1]]; // prettier-ignore

describe("Krum at its edges", () => {
  it("is not moved by one wild gradient", () => {
    expect(combinedOf(krum(), [...close, [-1e9, 1e9]])).toEqual([1, 0]);
  });

  it("refuses fewer tasks than f + 3, and m, saying what it takes", () => {
    expect(() => combinedOf(krum(), close)).toThrow("3 tasks (krum, step 1): give 4 or more with byzantine=1");
    expect(() => combinedOf(krum({ byzantine: 0, selected: 5 }), close)).toThrow("give 5 or more");
  });
});
