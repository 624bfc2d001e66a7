import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compare } from "./compare.js";
import { median, medianInterval } from "./quantiles.js";
import type { Side } from "./side.js";
import { loadWorkload } from "./worker.js";

const shape = { users: 20, items: 30, fields: 2, vocab: 10, dim: 4, tasks: 2, batch: 8, edges: 50, layers: 2 };

/** A side whose steps take `factor` times what the machine takes at that moment. */
function side(method: string, factor: number, machine: () => number, order: string[], library = "gradpool"): Side {
  return {
    method,
    ready: { library, backend: "wasm", level: "losses", samples: 16 },
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
    const sides = [
      side("ew", 10, machine, order),
      side("pcgrad", 11, machine, order),
      side("pcgrad", 55, machine, order, "torch"),
      side("ew", 40, machine, order, "torch"),
    ];
    const schedule = { steps: 40, warmup: 0, block: 2 };
    const [ew, pcgrad, theirs] = await compare(
      sides,
      await loadWorkload("mf"),
      { shape, clock: "wall" },
      schedule,
      (done) => {
        now = done < 12 ? 1 : 3;
      },
    );
    expect(ew?.overEw).toBeUndefined();
    expect(pcgrad?.overEw).toEqual({ median: 1.1, low: 1.1, high: 1.1 });
    expect(pcgrad?.overPeers).toEqual({ pcgrad: { median: 0.2, low: 0.2, high: 0.2 } });
    expect(ew?.overPeers).toEqual({ ew: { median: 0.25, low: 0.25, high: 0.25 } });
    expect(theirs?.overPeers).toBeUndefined();
    expect(order.slice(0, 5)).toEqual(["ew", "pcgrad", "pcgrad", "ew", "pcgrad"]);
  });

  it.each([
    ["mf", undefined, "ew", "wasm", "losses"],
    ["ctr", undefined, "pcgrad@representation", "cpu", "representation"],
    ["graph", "lightgcn", "pcgrad", "wasm", "parameters"],
    ["graph", "ngcf", "ew", "wasm", "losses"],
    ["experts", "mmoe", "ew", "cpu", "losses"],
    ["experts", "ple-deepfm", "pcgrad", "cpu", "parameters"],
  ])("runs a step of %s, model %s, with %s", async (workload, model, method, backend, level) => {
    const { create, models } = await loadWorkload(workload);
    expect(models.includes(model ?? "")).toBe(model !== undefined);
    const named = model === undefined ? {} : { model };
    const stepper = await create({ workload, method, shape, clock: "wall", backend, ...named });
    expect([stepper.backend, stepper.level]).toEqual([backend, level]);
    await stepper.step();
  });

  it("reads a graph from lines of pairs", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pairs-"));
    const pairs = join(folder, "pairs.txt");
    writeFileSync(pairs, "5 70\n5 71 3.5\n\n9\t70\n");
    const { create } = await loadWorkload("graph");
    const stepper = await create({ workload: "graph", method: "ew", shape, clock: "wall", pairs });
    await stepper.step();
    rmSync(folder, { recursive: true });
    expect(stepper.samples).toBe(shape.tasks * shape.batch);
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
