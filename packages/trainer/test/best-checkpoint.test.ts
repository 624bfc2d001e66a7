import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ew } from "@gradpool/ew";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FitOptions, fit, readSnapshot } from "../src/index.js";
import { collect, comparable, small } from "./fit-helpers.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-best-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Validation that rises to the third epoch and falls after it. */
const peaked = (): NonNullable<FitOptions["evaluate"]> => {
  const values = [1, 2, 3, 2, 1, 0];
  let asked = 0;
  return (part) => ({ m: part === "valid" ? values[asked++]! : 7 });
};
const run = (name: string, change: Partial<FitOptions> = {}) =>
  small(ew(), { evaluate: peaked(), checkpoint: { folder: join(folder, name) }, ...change }).options;
const best = (name: string): string => join(folder, name, "best.gradpool");
const filesOf = (name: string): object =>
  Object.fromEntries(
    readdirSync(join(folder, name)).map((file) => [file, readFileSync(join(folder, name, file), "hex")]),
  );

describe("the best checkpoint of a run", () => {
  it.each([
    ["missing", () => rmSync(best("a")), /of epoch 3, is missing/],
    ["cut short", () => truncateSync(best("a"), 200), /of epoch 3, is damaged/],
    [
      "that of an equal run with other weights",
      () => copyFileSync(best("b"), best("a")),
      /of epoch 3, is of another run/,
    ],
    [
      "the run's own of another epoch",
      () => copyFileSync(join(folder, "a", "newest.gradpool"), best("a")),
      /of epoch 3, is of another run or another epoch/,
    ],
  ])(
    "%s: nothing is tested in its name, the error says what is left, and nothing is changed",
    async (_, harm, told) => {
      await collect(run("a"));
      const other = run("b");
      other.engine.setLearningRate(0.001);
      await collect(other);
      harm();
      const before = filesOf("a");
      await expect(collect(run("a", { resume: true }))).rejects.toThrow(told);
      await expect(collect(run("a", { resume: true }))).rejects.toThrow(
        /newest checkpoint, of epoch 6, the last, not tested/,
      );
      expect(filesOf("a")).toEqual(before);
    },
  );

  it("taken away while the run goes on is missed before the test", async () => {
    const running = fit(run("a"));
    let error: unknown;
    try {
      for await (const event of running) if (event.type === "evaluation" && event.epoch === 5) rmSync(best("a"));
    } catch (thrown) {
      error = thrown;
    }
    expect(String(error)).toMatch(/best checkpoint, of epoch 3, is missing/);
  });

  it("that is ahead of the newest, after a kill between the two, is no other run's", async () => {
    const whole = await collect(run("whole"));
    const killed = fit(run("a"));
    for await (const event of killed)
      if (event.type === "checkpoint" && event.kind === "best" && event.epoch === 3) break;
    expect(readSnapshot(join(folder, "a", "newest.gradpool")).json["fit"]).toMatchObject({ bestEpoch: 2 });
    const asked = peaked();
    for (let epoch = 1; epoch <= 2; epoch++) void asked("valid");
    const resumed = await collect(run("a", { resume: true, evaluate: asked }));
    expect(comparable(resumed.result)).toEqual(comparable(whole.result));
  });
});
