import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultConfig } from "@gradpool/runs";
import { afterAll, describe, expect, it } from "vitest";
import { bench, loadRecipe } from "../src/index.js";
import { boardFolder } from "../src/trials/board.js";

const python = process.env["PEER_PYTHON"] ?? "python3";
const canRead = spawnSync(python, ["-c", "import tensorboard"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "gradpool-boards-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const trial = { id: "0123456789abcdef", label: "ew", point: {}, config: { ...defaultConfig, pool: "ew", seed: 1 } };

describe("event files of a comparison", () => {
  it("have a folder of the trial's name, with its id where the name is no folder's", () => {
    expect(boardFolder("events", { ...trial, point: { lr: 0.01 } })).toBe(join("events", "ew lr=0.01 seed 1"));
    const point = { lr: 0.1, "pool.relax": 0.5 };
    const config = { ...trial.config, pool: "metabalance(relax=0.5)" };
    const swept = { ...trial, label: "metabalance(relax=…)", point, config };
    expect(boardFolder("events", swept)).toBe(join("events", "metabalance(relax=0.5) lr=0.1 seed 1"));
    const own = { ...trial, label: "../mine.js" };
    expect(boardFolder("events", own)).toBe(join("events", ".._mine.js seed 1 0123456789abcdef"));
  });

  it(`are written trial by trial${canRead ? ", and TensorBoard's own reader finds what the trials came to" : " (not read: no tensorboard in PEER_PYTHON)"}`, async () => {
    const events = join(folder, "events");
    const { records } = await bench({
      recipe: loadRecipe("demo"),
      config: { data: "shop(users=60,items=50)", model: "mf(dim=4)", epochs: 3, batch: 64, metrics: ["ndcg@10"] },
      pools: ["ew", "metabalance(relax={relax})"],
      seeds: 1,
      search: { space: { relax: "0..1" }, strategy: "halving", trials: 3 },
      out: join(folder, "bench"),
      jobs: 2,
      tensorboard: events,
    });
    expect(readdirSync(events).sort()).toEqual(
      records
        .map(({ label, point }) => (label === "ew" ? "ew seed 1" : `metabalance(relax=${point["relax"]}) seed 1`))
        .sort(),
    );
    if (!canRead) return;
    const script = fileURLToPath(new URL("../../runs/test/read_events.py", import.meta.url));
    for (const { label, point, result } of records) {
      const name = label === "ew" ? "ew seed 1" : `metabalance(relax=${point["relax"]}) seed 1`;
      const { scalars } = JSON.parse(execFileSync(python, [script, join(events, name)], { encoding: "utf8" })) as {
        readonly scalars: Readonly<Record<string, readonly (readonly [number, number])[]>>;
      };
      // Stages of halving go on in one folder: each epoch is there once.
      expect(scalars["valid/ndcg@10"]).toEqual(
        result!.history.map(({ step, metrics }) => [step, Math.fround(metrics["ndcg@10"]!)]),
      );
    }
  });
});
