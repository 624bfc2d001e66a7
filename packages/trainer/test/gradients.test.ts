import { createRandom, type Granularity, isGradpoolError, taskGradients } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { joinParts } from "../src/gradients/join.js";
import type { GradientPart } from "../src/gradients/part.js";

const tasks = 3;
const present = [true, false, true];
const width = 4;
const ids = Int32Array.of(2, 5, 9);

const random = createRandom(11);
const noise = (size: number): Float32Array[] =>
  present.map((here) => Float32Array.from({ length: size }, () => (here ? random.normal() : 0)));
const layer = noise(6);
const table = noise(ids.length * width);

/** Raw inner products of some coordinates, in the plainest way. */
function products(values: readonly Float32Array[], from: number, to: number): number[] {
  return values.flatMap((a) =>
    values.map((b) => {
      let sum = 0;
      for (let k = from; k < to; k++) sum += (a[k] as number) * (b[k] as number);
      return sum;
    }),
  );
}

/** A part that counts how often it is asked for its Gram. */
function part(name: string, values: readonly Float32Array[], rows?: Int32Array): GradientPart & { asked: number } {
  const size = (values[0] as Float32Array).length;
  const info = rows === undefined ? { kind: "dense" as const, width: 1 } : { kind: "rows" as const, width, ids: rows };
  return {
    asked: 0,
    tasks,
    parameters: [{ name, size, ...info }],
    gram(granularity) {
      this.asked++;
      if (granularity === "parameter" || rows === undefined) return Float64Array.from(products(values, 0, size));
      return Float64Array.from([...rows].flatMap((_, r) => products(values, r * width, (r + 1) * width)));
    },
    values: () => values,
  };
}

const reference = taskGradients({
  present,
  parameters: [
    { name: "layer", values: layer },
    { name: "table", width, rows: table.map((values) => ({ ids, values })) },
  ],
});
const joinedOf = () => joinParts([part("layer", layer), part("table", table, ids)], present);

describe("joined gradients", () => {
  it.each(["model", "parameter", "row"] as const)("have the Gram of the reference, per %s", (granularity) => {
    const ours = joinedOf().gram(granularity);
    const theirs = reference.gram(granularity);
    expect(ours.size).toBe(theirs.size);
    expect(ours.blocks).toEqual(theirs.blocks);
    ours.norms.forEach((norm, k) => expect(norm).toBeCloseTo(theirs.norms[k] as number, 12));
    ours.cosines.forEach((cosine, k) => expect(cosine).toBeCloseTo(theirs.cosines[k] as number, 12));
  });

  it.each(["model", "parameter", "row"] as const)("combine as the reference does, per %s", (granularity) => {
    const joined = joinedOf();
    const { size } = joined.gram(granularity);
    const weights = Float64Array.from({ length: size * tasks }, () => random.normal());
    const ours = joined.combine({ granularity, weights });
    const theirs = reference.combine({ granularity, weights });
    for (const name of ["layer", "table"]) {
      const expected = theirs.value(name);
      ours.value(name).forEach((x, k) => expect(x).toBeCloseTo(expected[k] as number, 5));
    }
  });

  it("compute a Gram when it is asked for, and once", () => {
    const one = part("layer", layer);
    const joined = joinParts([one], present);
    expect(one.asked).toBe(0);
    expect(joined.gram("parameter")).toBe(joined.gram("parameter"));
    expect(joined.gram("parameter", "norms")).toBe(joined.gram("parameter"));
    expect(one.asked).toBe(1);
  });

  it("do not look at a table's ids unless rows are asked for", () => {
    const lazy = part("table", table, ids);
    const info = { ...lazy.parameters[0]! };
    Object.defineProperty(info, "ids", {
      get: () => {
        throw new Error("sorted");
      },
    });
    const joined = joinParts([{ ...lazy, parameters: [info] }], present);
    expect(joined.gram("parameter").size).toBe(1);
    expect(() => joined.gram("row")).toThrow("sorted");
  });

  it("say which weights made a combination, parameter by parameter, and none of another's", () => {
    const joined = joinedOf();
    const groups: Granularity = "row";
    const weights = Float64Array.from({ length: 4 * tasks }, (_, k) => k);
    const combined = joined.combine({ granularity: groups, weights });
    expect(joined.weightsOf(combined, "layer")).toEqual({
      granularity: "parameter",
      weights: Float64Array.of(0, 1, 2),
    });
    expect(joined.weightsOf(combined, "table")).toEqual({ granularity: "row", weights: weights.slice(3) });
    expect(joinedOf().weightsOf(combined, "layer")).toBeNull();
    const own = joined.assemble(new Map([["layer", new Float32Array(6)]]));
    expect(joined.weightsOf(own, "layer")).toBeNull();
    expect(() => own.value("table")).toThrow(/no coordinates \(table\): give 12/);
  });

  it("refuse another number of weights, and a parameter that is not there", () => {
    const caught: unknown[] = [];
    for (const call of [
      () => joinedOf().combine({ granularity: "row", weights: new Float64Array(5) }),
      () => joinedOf().values("head"),
    ]) {
      try {
        call();
      } catch (error) {
        caught.push(isGradpoolError(error) && [error.code, error.message]);
      }
    }
    expect(caught).toEqual([
      ["shape", "5 weights per row (combine): give 12: groups × tasks"],
      ["not-found", "no parameter head (task gradients): known: layer, table"],
    ]);
  });
});
