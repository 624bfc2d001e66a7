import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defaultConfig, train } from "../src/index.js";
import { noteOnFewSteps } from "../src/run/few-steps.js";

describe("the note on few steps", () => {
  const note = (change: object, steps: number) => noteOnFewSteps({ ...defaultConfig, ...change }, steps);

  it("names the steps, and a batch that makes some thirty an epoch", () => {
    expect(note({}, 4)).toBe(
      "an epoch has 4 steps of 2048, the run 80: so few teach a model little; give a smaller `batch`, such as 256, or more `epochs`",
    );
    expect(note({ epochs: 5 }, 1)).toMatch(/an epoch has 1 step of 2048, the run 5: .* such as 64,/);
    expect(note({ batch: 1e9 }, 1)).toMatch(/such as 64,/);
  });

  it("is not made of epochs of ten steps, of long runs, or of a small batch, which was chosen", () => {
    expect(note({}, 10)).toBeUndefined();
    expect(note({ epochs: 200 }, 3)).toBeUndefined();
    expect(note({ batch: 512 }, 3)).toBeUndefined();
  });

  it("is told by a run on the embedded shop, before it trains", async () => {
    const folder = mkdtempSync(join(tmpdir(), "few-steps-"));
    const notes: string[] = [];
    const said: number[] = [];
    await train({
      config: { data: "shop(users=60,items=40)", epochs: 1, metrics: ["ndcg@10"] },
      out: join(folder, "run"),
      onNote: (line) => notes.push(line),
      onEvent: () => said.push(notes.length),
    });
    rmSync(folder, { recursive: true });
    expect(notes).toEqual([expect.stringMatching(/^an epoch has 1 step of 2048, the run 1: /)]);
    expect(said[0]).toBe(1);
  });
});
