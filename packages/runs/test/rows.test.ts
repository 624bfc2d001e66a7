import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSnapshot } from "@gradpool/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkConfig } from "../src/options/read.js";
import { defaultConfig, type TrainConfig } from "../src/options/training.js";
import { train } from "../src/run/train.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-rows-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config: TrainConfig = {
  ...defaultConfig,
  data: "shop(users=60,items=50)",
  tasks: ["buy", "cart"],
  epochs: 3,
  batch: 16,
  lr: 0.02,
  weightDecay: 0.01,
  metrics: ["ndcg@10"],
};
const dense: TrainConfig = { ...config, rows: "dense-equivalent" };

let runs = 0;
const fresh = (): string => join(folder, String(runs++));

/** The weights that a run ends with, as one hash. */
function weightsOf(out: string): string {
  const hash = createHash("sha256");
  for (const [name, array] of readSnapshot(join(out, "checkpoint", "newest.gradpool")).arrays) {
    if (/\b(users|items)$/.test(name) && !name.startsWith("last")) hash.update(name).update(array as Float32Array);
  }
  return hash.digest("hex");
}

async function weights(change: Partial<TrainConfig>): Promise<string> {
  const out = fresh();
  await train({ config: { ...config, ...change }, out });
  return weightsOf(out);
}

describe("the option rows", () => {
  it("takes two words, and is a field of the configuration that is written down", async () => {
    expect(checkConfig({ rows: "dense-equivalent" }, "here")).toEqual({ rows: "dense-equivalent" });
    expect(() => checkConfig({ rows: "dense" }, "here")).toThrow(/`rows` is dense \(here\): .*dense-equivalent/);
    const out = fresh();
    const file = await train({ config: dense, out });
    expect(file.config.rows).toBe("dense-equivalent");
    expect(JSON.parse(readFileSync(join(out, "config.json"), "utf8"))).toMatchObject({ rows: "dense-equivalent" });
  });

  it("changes what moments and decay do to untouched rows, and nothing where a step leaves those alone anyway", async () => {
    const lazy = await weights({ rows: "lazy" });
    expect(await weights({})).toBe(lazy);
    expect(await weights({ rows: "dense-equivalent" })).not.toBe(lazy);
    const plain = { optimizer: "sgd", weightDecay: 0 } as const;
    expect(await weights({ ...plain, rows: "dense-equivalent" })).toBe(await weights({ ...plain, rows: "lazy" }));
  });

  it("dense-equivalent, interrupted and resumed, ends with the weights of an unbroken run; not as the other kind", async () => {
    const out = fresh();
    const stop = new AbortController();
    const onEvent = ({ type }: { readonly type: string }): void => {
      if (type === "epoch") stop.abort();
    };
    expect((await train({ config: dense, out, onEvent, signal: stop.signal })).result.stopped).toBe("interrupted");
    await expect(train({ config, out, resume: true })).rejects.toThrow(/`rows` was "dense-equivalent" and is "lazy"/);
    await train({ config: dense, out, resume: true });
    expect(weightsOf(out)).toBe(await weights(dense));
  });
});
