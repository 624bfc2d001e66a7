import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { shimNode } from "@gradpool/native";

describe("shimNode", () => {
  it("gives back the two functions that Node 23 removed, with their meaning, and keeps them where they are", () => {
    const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
    const kept = { isArray: util["isArray"], isNullOrUndefined: util["isNullOrUndefined"] };
    try {
      delete util["isArray"];
      delete util["isNullOrUndefined"];
      shimNode();
      const nothing = util["isNullOrUndefined"] as (value: unknown) => boolean;
      const array = util["isArray"] as (value: unknown) => boolean;
      expect([null, undefined, 0, "", false].map(nothing)).toEqual([true, true, false, false, false]);
      expect([array([]), array({ length: 0 })]).toEqual([true, false]);
      const before = util["isArray"];
      shimNode();
      expect(util["isArray"]).toBe(before);
    } finally {
      Object.assign(util, kept);
    }
  });
});
