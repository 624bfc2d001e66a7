import { describe, expect, it } from "vitest";
import { gridOfFlags } from "../src/flags/grid.js";

describe("--grid", () => {
  it("is a name with values, numbers where they read as such, commas inside parentheses kept", () => {
    expect(gridOfFlags(["lr=0.1,1e-7", "model=mf(dim=8,loss=bce),mf"])).toEqual({
      lr: [0.1, 1e-7],
      model: ["mf(dim=8,loss=bce)", "mf"],
    });
  });

  it("refuses a name twice and what is no list of values", () => {
    expect(() => gridOfFlags(["lr=0.1", "lr=0.2"])).toThrow(/lr is given twice \(--grid\)/);
    for (const bad of ["lr", "lr=", "=1"]) expect(() => gridOfFlags([bad]), bad).toThrow(/--grid\)/);
  });
});
