/** The golden vectors lie with the methods that they are about; those of methods that are not here yet wait in waiting.json. */
import { readGolden } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { releasedGolden } from "./released.js";

const waiting = readGolden(new URL("./waiting.json", import.meta.url)).records;
const released = releasedGolden().flatMap(({ records }) => records);

describe("the golden vectors", () => {
  it("are complete: each of the 1,518 first records is with its method, or waits for one, and none is there twice", () => {
    const records = [...released, ...waiting].map((record) => JSON.stringify(record));
    expect(records.length).toBeGreaterThanOrEqual(1518);
    expect(new Set(records).size).toBe(records.length);
  });

  it("wait only for methods that have no package", () => {
    const here = new Set(released.map(({ method }) => method));
    expect(waiting.filter(({ method }) => here.has(method))).toEqual([]);
  });
});

describe("the golden vectors of the second wave", () => {
  const here = releasedGolden("golden2.json").flatMap(({ records }) => records);
  const waits = readGolden(new URL("./waiting2.json", import.meta.url)).records;

  it("are complete: each of the 639 is with its method, or waits for one, and none is there twice", () => {
    const ids = [...here, ...waits].map(({ id }) => id);
    expect(ids.length).toBe(639);
    expect(new Set(ids).size).toBe(639);
  });

  it("do not wait for a method whose others have come", () => {
    const come = new Set(here.map(({ method }) => method));
    expect(waits.filter(({ method }) => come.has(method))).toEqual([]);
  });
});
