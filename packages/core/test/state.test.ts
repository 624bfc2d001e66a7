import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JsonValue, stateFromJson, stateToJson } from "../src/index.js";

const roundTrip = (state: unknown): unknown =>
  stateFromJson(JSON.parse(JSON.stringify(stateToJson(state))) as JsonValue);

describe("state as JSON", () => {
  it("keeps every bit of numbers, typed arrays and what holds them", () => {
    const leaf = fc.oneof(
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.float64Array(),
      fc.float32Array(),
      fc.int32Array(),
      fc.constantFrom(-0, NaN, Infinity, -Infinity),
    );
    const plain = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(
          fc.string().filter((key) => !key.startsWith("$") && key !== "__proto__"),
          tie("node"),
          { maxKeys: 3, noNullPrototype: true },
        ),
      ),
    }));
    fc.assert(
      fc.property(plain.node, (state) => {
        expect(roundTrip(state)).toEqual(state);
      }),
      { numRuns: 1000, seed: 1 },
    );
    expect(Object.is(roundTrip(-0), -0)).toBe(true);
  });

  it("refuses what JSON cannot bring back", () => {
    for (const bad of [new Map(), new Set(), new Date(0), () => 1, undefined, 1n, new Uint8Array(1)]) {
      expect(() => stateToJson({ a: [bad] })).toThrow("state holds");
    }
    expect(() => stateToJson({ $f64: "not ours" })).toThrow("$f64");
  });
});
