import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSnapshot } from "@gradpool/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asJson, defaultConfig, identityOf, type TrainConfig } from "../src/config.js";
import { configOf, trainArgs } from "../src/flags.js";
import { train } from "../src/run.js";

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

describe("--rows", () => {
  it("is a flag that takes two words, and a field of the configuration that is written down", async () => {
    expect(configOf({ rows: "dense-equivalent" })).toEqual({ rows: "dense-equivalent" });
    expect(configOf({})).toEqual({});
    expect(() => configOf({ rows: "dense" })).toThrow(/--rows is dense .*dense-equivalent/);
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
    await expect(train({ config, out, resume: true })).rejects.toThrow(/rows was "dense-equivalent"/);
    await train({ config: dense, out, resume: true });
    expect(weightsOf(out)).toBe(await weights(dense));
  });

  it("lazy is what runs were before there was a choice: they keep their trial's name and their checkpoints", () => {
    const { rows: _rows, missing: _missing, ...before } = asJson(config);
    expect(identityOf(config)).toEqual(before);
    expect(identityOf(dense)).toEqual({ ...before, rows: "dense-equivalent" });
    // Another task's pair: mf reads none; for the shared bottom it had been a negative.
    const bottom = { ...config, model: "shared-bottom(dim=8)" };
    const negative = { ...before, model: bottom.model };
    expect(identityOf({ ...config, missing: "negative" })).toEqual(before);
    expect(identityOf({ ...bottom, missing: "negative" })).toEqual(negative);
    expect(identityOf(bottom)).toEqual({ ...negative, missing: "unlabelled" });
  });
});

describe("the README's table of flags", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const shown = new Map(
    [...readme.matchAll(/^\| `--([\w-]+)` +\| ([^|]*?) *\|/gm)].map(([, flag, value]) => [
      flag as string,
      value as string,
    ]),
  );

  it("has every flag of training and no other", () => {
    expect([...shown.keys()]).toEqual(Object.keys(trainArgs));
  });

  it("shows the defaults that hold", () => {
    for (const [field, value] of Object.entries(defaultConfig)) {
      const flag = field.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
      const written = shown.get(flag);
      if (written === undefined || field === "data" || value === null || Array.isArray(value)) continue;
      expect(written, flag).toBe(`\`${String(value)}\``);
    }
  });
});
