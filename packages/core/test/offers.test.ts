import { describe, expect, it } from "vitest";
import { definePool, type GradientPool, requireOffers } from "../src/index.js";

const pool = definePool({ name: "plain", options: {}, weigh: ({ size }) => ({ weights: new Float64Array(size) }) }) as GradientPool; // prettier-ignore
const little = { batches: 1, validation: false, updates: false } as const;

describe("what a pool needs beside one batch's gradients", () => {
  it("is nothing, for pools that say nothing", () => {
    expect(() => requireOffers(pool, little, "here")).not.toThrow();
  });

  it("is refused by name where it is not offered", () => {
    const refused = (more: Partial<GradientPool>) => () => requireOffers({ ...pool, ...more }, little, "the trainer");
    expect(refused({ batches: 2 })).toThrow(
      "plain needs 2 independent batches per step, and there is one (the trainer)",
    );
    expect(refused({ wantsValidation: () => true })).toThrow("plain needs gradients on validation examples");
    expect(refused({ answers: "update" })).toThrow("plain needs its answer applied as an update");
  });

  it("is granted where it is offered", () => {
    const much = { batches: 3, validation: true, updates: true } as const;
    const greedy: GradientPool = { ...pool, batches: 3, answers: "update", wantsValidation: () => true };
    expect(() => requireOffers(greedy, much, "here")).not.toThrow();
  });
});
