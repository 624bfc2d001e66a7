import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { DiagnosticPoint } from "../src/run/messages.js";
import { train } from "../src/run/train.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-experts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const data = "shop(users=60,items=40,seed=3)";

const run = (model: string, more: object = {}) =>
  train({
    config: {
      data,
      model,
      tasks: ["pv", "buy"],
      epochs: 2,
      batch: 128,
      lr: 0.01,
      metrics: ["auc", "logloss"],
      backend: "cpu",
      ...more,
    },
    out: join(folder, `${model}-${JSON.stringify(more).replaceAll(/\W+/g, "-")}`),
  });

describe("models of experts, from the command's configuration", () => {
  const small = "dim=4,expert=8-4,head=4";
  it.each([
    `mmoe(${small},experts=3,gate=4)`,
    `cgc(${small},own=2,interaction=dcn)`,
    `ple(${small},levels=2,numericalInput=raw)`,
    `ple-deepfm(${small})`,
    "stem(dim=4,expert=8-4,head=none)",
  ])("train as %s, and say which task uses which expert", async (model) => {
    const out = join(folder, model);
    const { result } = await train({
      config: { data, model, tasks: ["buy", "cart"], epochs: 2, batch: 128, lr: 0.01, metrics: ["auc"], backend: "cpu", diagnosticsEvery: 5, pool: "pcgrad@representation" }, // prettier-ignore
      out,
    });
    expect(result.test?.["auc/buy"]).toBeGreaterThan(0.5);
    const [line = ""] = readFileSync(join(out, "diagnostics.jsonl"), "utf8").split("\n");
    const { gates = [] } = JSON.parse(line) as DiagnosticPoint;
    expect(gates.map(({ reader }) => reader).join(" ")).toMatch(/buy.*cart/);
    for (const { weights } of gates) {
      expect(Object.values(weights).reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 4);
    }
  });

  it("refuse no experts", async () => {
    await expect(run("mmoe(experts=0)")).rejects.toThrow("experts is 0 (model mmoe): give an integer in [1, ∞)");
    await expect(run("cgc(own=0)")).rejects.toThrow("own is 0 (model cgc)");
  });
});

describe("funnels, from the command's configuration", () => {
  it.each(["esmm(dim=4,head=8-4)", "aitm(dim=4,bottom=8-4)"])(
    "train as %s, and measure each step given the one before",
    async (model) => {
      const { result } = await run(model);
      const names = ["auc", "auc/pv", "auc/buy", "auc/buy|pv", "logloss", "logloss/buy|pv"];
      for (const name of names) expect(result.test?.[name], name).toBeGreaterThan(0);
      expect(result.test?.["auc"]).toBeCloseTo(
        ((result.test?.["auc/pv"] ?? 0) + (result.test?.["auc/buy"] ?? 0)) / 2,
        12,
      );
    },
  );

  it("refuse tasks that are in no funnel order, and too many or too few of them", async () => {
    await expect(run("esmm", { tasks: ["buy", "pv"] })).rejects.toThrow(
      /the tasks are in no funnel order: \d+ of \d+ rows are pv and not buy \(tasks\): name the steps from the first to the last/,
    );
    await expect(run("aitm", { tasks: ["pv", "cart", "buy"] })).rejects.toThrow(/rows are buy and not cart/);
    await expect(run("esmm", { tasks: ["pv"] })).rejects.toThrow(/tasks is "pv" \(esmm\): give two/);
    await expect(run("aitm", { tasks: ["pv"] })).rejects.toThrow(/tasks is "pv" \(aitm\): give two or more/);
  });
});
