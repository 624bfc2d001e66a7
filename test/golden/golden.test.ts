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
