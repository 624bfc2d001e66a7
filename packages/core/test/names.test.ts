import { describe, expect, it } from "vitest";
import { definePool, requireNames, requireWord } from "../src/index.js";

describe("options from code without types", () => {
  const names = { rate: true, seed: true } as const;
  const given = (options: object): { readonly rate?: number; readonly seed?: number } => options;

  it("are refused where there is none of that name, with those there are", () => {
    expect(() => requireNames(given({ rate: 1, sed: 2 }), names, "train")).toThrow(
      "unknown option sed (train): the options are rate, seed",
    );
    expect(() => requireNames(given({ toString: 1 }), names, "train")).toThrow(/unknown option toString/);
    expect(() => requireNames(given({ seed: undefined }), names, "train")).not.toThrow();
  });

  it("are refused where a word is none that they take", () => {
    expect(() => requireWord("popular", ["uniform", "popularity"], "negatives", "triples")).toThrow(
      'negatives is "popular" (triples): give uniform or popularity',
    );
    expect(() => requireWord(undefined, ["uniform"], "negatives", "triples")).not.toThrow();
  });

  it("of a pool's rule, too: a misspelt granularity would balance something else", () => {
    const rule = { name: "mine", options: {}, weigh: () => ({ weights: [1] }) };
    expect(() => definePool({ ...rule, granularty: "row" } as typeof rule)).toThrow(/unknown option granularty .*mine/);
    expect(() => definePool({ ...rule, granularity: "rows" as "row" })).toThrow(/granularity is "rows"/);
  });
});
