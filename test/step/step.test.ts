import { describe, expect, it } from "vitest";
import { compare } from "./compare.js";
import { median, medianInterval } from "./quantiles.js";
import type { Side } from "./side.js";
import { loadWorkload } from "./worker.js";

const shape = { users: 20, items: 30, fields: 2, vocab: 10, dim: 4, tasks: 2, batch: 8 };

/** A side whose steps take `factor` times what the machine takes at that moment. */
function side(method: string, factor: number, machine: () => number, order: string[]): Side {
  return {
    method,
    ready: { library: "gradpool", backend: "wasm", level: "losses", samples: 16 },
    run(steps) {
      order.push(method);
      return Promise.resolve({ times: Array.from({ length: steps }, () => factor * machine()), rssMb: 1 });
    },
    stop() {},
  };
}

describe("the comparison of steps", () => {
  it("takes ratios within rounds, so that a machine that slows down does not decide", async () => {
    let now = 1;
    const order: string[] = [];
    const machine = (): number => now;
    const sides = [side("ew", 10, machine, order), side("pcgrad", 11, machine, order)];
    const schedule = { steps: 40, warmup: 0, block: 2 };
    const [ew, pcgrad] = await compare(sides, await loadWorkload("mf"), shape, schedule, (done) => {
      now = done < 12 ? 1 : 3;
    });
    expect(ew?.overEw).toBeUndefined();
    expect(pcgrad?.overEw).toEqual({ median: 1.1, low: 1.1, high: 1.1 });
    expect(order.slice(0, 4)).toEqual(["ew", "pcgrad", "pcgrad", "ew"]);
  });

  it("gives an interval that holds the median 19 times in 20", () => {
    // A fixed generator (Park and Miller): uniform numbers have the median one half.
    let state = 7;
    const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    let held = 0;
    for (let k = 0; k < 2000; k++) {
      const [low, high] = medianInterval(Array.from({ length: 60 }, uniform));
      if (low <= 0.5 && 0.5 <= high) held++;
    }
    expect(held / 2000).toBeGreaterThan(0.93);
    expect(held / 2000).toBeLessThan(0.98);
    expect(medianInterval([3, 1, 2])).toEqual([1, 3]);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});
