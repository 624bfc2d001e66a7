import { describe, expect, it } from "vitest";
import { parseCall } from "../src/options/call.js";

describe("a name with options", () => {
  it("reads calls, and refuses what it cannot read with the text", () => {
    expect(parseCall("mf(dim=32, loss=bpr,x=true)", "model")).toEqual({
      name: "mf",
      options: { dim: 32, loss: "bpr", x: true },
    });
    expect(parseCall("shop", "data")).toEqual({ name: "shop", options: {} });
    for (const bad of ["", "mf(", "mf(dim)", "mf(dim=)", "mf(dim=1,dim=2)", "a b"]) {
      expect(() => parseCall(bad, "model")).toThrow(/\(model\)/);
    }
  });
});
