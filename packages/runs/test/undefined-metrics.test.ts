import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "@gradpool/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunFile, train } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-one-class-"));
const set = join(folder, "set");
const source = fileURLToPath(new URL("fixtures/one-class.csv", import.meta.url));
beforeAll(async () => {
  const columns = { user: "user", item: "item", label: ["click", "buy"], time: "ts" };
  await prepare({ format: "csv", input: source, columns, target: "click", out: set });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a run whose metric is undefined for a task", () => {
  it("ends with what is defined, and its files hold null with the reason where nothing is", async () => {
    const out = join(folder, "run");
    const { result } = await train({
      config: { data: set, model: "click(dim=4,trunk=4,head=4)", metrics: ["auc"], epochs: 2 },
      out,
    });
    const reason = "all 45 labels are 0";
    expect(result.undefined).toEqual([{ metric: "auc", task: "buy", part: "test", reason }]);
    expect(result.test).toMatchObject({ "auc/buy": null });
    expect(result.test?.["auc"]).toBe(result.test?.["auc/click"]);
    expect(result.bestEpoch).not.toBeNull();
    const file = JSON.parse(readFileSync(join(out, "result.json"), "utf8")) as RunFile;
    expect(file.result).toEqual(result);
    const lines = readFileSync(join(out, "metrics.jsonl"), "utf8").trim().split("\n");
    const evaluated = lines.map((line) => JSON.parse(line) as { valid?: object }).filter(({ valid }) => valid);
    expect(evaluated[0]).toMatchObject({
      valid: { "auc/buy": null },
      undefined: [{ metric: "auc", task: "buy", part: "valid", reason }],
    });
  });

  it("of which the only task has no value has no best epoch, and says so", async () => {
    const { result } = await train({
      config: {
        data: set,
        model: "click(dim=4,trunk=4,head=4)",
        tasks: ["buy"],
        metrics: ["auc"],
        epochs: 3,
        patience: 2,
      },
      out: join(folder, "alone"),
    });
    expect(result).toMatchObject({ best: null, bestEpoch: null, stopped: "patience", test: { auc: null } });
    expect(result.undefined?.map(({ metric, task }) => [metric, task])).toEqual([
      ["auc", undefined],
      ["auc", "buy"],
    ]);
  });
});

describe("a set prepared without a validation part", () => {
  it("is refused with the split as the cause, not with another task", async () => {
    const whole = join(folder, "whole");
    const pairs = join(folder, "pairs.csv");
    const lines = Array.from({ length: 60 }, (_, k) => `${k % 20},${(k * 7) % 30}`);
    writeFileSync(pairs, ["user,item", ...lines, ""].join("\n"));
    await prepare({
      format: "csv",
      input: pairs,
      columns: { user: "user", item: "item" },
      split: "random:0.8,0,0.2",
      out: whole,
    });
    await expect(train({ config: { data: whole, epochs: 1 }, out: join(folder, "refused") })).rejects.toThrow(
      /has no validation part: the set was prepared without one \(data\): prepare it again with a split that/,
    );
  });
});
