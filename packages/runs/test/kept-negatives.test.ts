import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "@gradpool/core";
import { prepare } from "@gradpool/data";
import type { Engine } from "@gradpool/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withAllNegatives } from "../src/evaluation/kept-negatives.js";
import { openRun } from "../src/open/open-run.js";
import { train } from "../src/run/train.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-negatives-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const logit = (p: number): number => Math.log(p / (1 - p));
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

describe("probabilities of a set that kept some negatives", () => {
  it("are taken back to those of all rows: the label that covers the others, these, and those within a space", () => {
    // Per row the true chances: of any label, of click (which covers), of buy, and of conv among the clicked.
    const chances = [0.02, 0.3, 0.7].map((click) => ({ click, buy: click * 0.4, conv: 0.25 }));
    const share = 0.1;
    const sampled = chances.map(({ click, buy, conv }) => {
      const kept = click + share * (1 - click);
      return [click / kept, buy / kept, conv, 3.5];
    });
    const names = ["click", "buy", "conv", "stars"];
    const outputs = names.map((_, t) =>
      Float32Array.from(sampled, (row) => (t === 3 ? (row[t] as number) : logit(row[t] as number))),
    );
    const engine = { tasks: { names, target: 0 }, predict: () => outputs, get learningRate() { return 0.5; } } as unknown as Engine; // prettier-ignore
    const kept = { share, covers: "click", within: ["conv"] };
    const corrected = withAllNegatives(engine, kept, ["bce", "bce", "bce", "mse"]);
    const read = corrected.predict?.({} as never) as readonly Float32Array[];
    chances.forEach(({ click, buy, conv }, row) => {
      const [c, b, v] = read.map((values) => sigmoid(values[row] as number));
      expect([c, b, v]).toEqual([expect.closeTo(click, 5), expect.closeTo(buy, 5), expect.closeTo(conv, 5)]);
      expect(read[3]?.[row]).toBe(3.5);
    });
    expect(corrected.learningRate).toBe(0.5);
    expect(withAllNegatives(engine, null, [])).toBe(engine);
  });
});

describe("a run on such a set", () => {
  const notes: string[] = [];
  const config = { model: "click(dim=4,trunk=8,head=none)", epochs: 4, batch: 128, backend: "cpu", lr: 0.02 } as const;
  beforeAll(async () => {
    const random = createRandom(3, 1);
    const rows = Array.from({ length: 3000 }, (_, k) => {
      const device = ["phone", "desk", "tv"][k % 3] as string;
      const click = random.uniform() < [0.05, 0.1, 0.2][k % 3]! ? 1 : 0;
      return `u${k % 40},i${k % 37},${click},${click === 1 && k % 2 === 0 ? 1 : 0},${device}`;
    });
    writeFileSync(at("log.csv"), ["u,i,click,buy,device", ...rows].join("\n"));
    const columns = { user: "u", item: "i", label: "click+buy", features: "device:category" };
    await prepare({
      format: "csv",
      input: at("log.csv"),
      columns,
      keepNegatives: 0.2,
      out: at("set"),
      target: "click",
    });
    for (const [name, more] of [
      ["corrected", {}],
      ["sampled", { probabilities: "sampled" }],
    ] as const)
      // prettier-ignore
      await train({ config: { ...config, data: at("set"), ...more }, out: at(name), onNote: (line) => notes.push(line) });
  }, 60_000);

  it("says so once, and in the card", () => {
    const said = notes.filter((line) => line.includes("without a positive label"));
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(/20.* % of the training rows .* corrected .*--probabilities sampled/);
    const cards = ["corrected", "sampled"].map((name) => readFileSync(join(at(name), "card.md"), "utf8"));
    expect(cards[0]).toMatch(/are corrected for that: the probability of click is p \/ \(p/);
    expect(cards[1]).toMatch(/are not corrected/);
    const manifest = JSON.parse(readFileSync(join(at("set"), "manifest.json"), "utf8")) as { tables: { impressions: { negatives: object } } }; // prettier-ignore
    expect(manifest.tables.impressions.negatives).toMatchObject({ rate: 0.2, covers: "click" });
  });

  it("predicts what happens of all rows, and is judged by that; as sampled it is far off", async () => {
    const [run, raw] = [await openRun(at("corrected")), await openRun(at("corrected"), { probabilities: "sampled" })];
    const rows = ["phone", "desk", "tv"].map((device) => ({ user: "new", item: "new", device }));
    const [ours, theirs] = [await run.predict(rows), await raw.predict(rows)];
    ours.forEach(({ values }, k) => {
      const p = theirs[k]?.values["click"] as number;
      const w = run.data.set.manifest?.tables.impressions?.negatives as { kept: number; dropped: number };
      const kept = w.kept / (w.kept + w.dropped);
      expect(values["click"]).toBeCloseTo(p / (p + (1 - p) / kept), 5);
      expect(values["click"]).toBeLessThan(p / 2);
    });
    const [a, b] = [await run.evaluate({ metrics: ["ne"] }), await raw.evaluate({ metrics: ["ne"] })];
    expect(a.tasks["click"]?.values["ne"]).toBeLessThan(1.05);
    expect(b.tasks["click"]?.values["ne"]).toBeGreaterThan(1.2);
    expect(a.tasks["click"]?.values["ne"]).toBeCloseTo(run.file?.result.test?.["ne/click"] as number, 6);
    run.dispose();
    raw.dispose();
  });
});
