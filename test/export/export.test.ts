/** What is exported, read by a program that knows nothing of ours: Python with NumPy. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "@gradpool/core";
import { prepare, readTable } from "@gradpool/data";
import { exportRun, openRun, train } from "@gradpool/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const python = process.env["PEER_PYTHON"] ?? "python3";
const canRead = spawnSync(python, ["-c", "import numpy"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "gradpool-export-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Pairs in three files, as somebody else's split. */
beforeAll(async () => {
  const random = createRandom(11, 1);
  const parts: Record<string, string[]> = { train: [], valid: [], test: [] };
  for (let user = 0; user < 60; user++) {
    const chosen = random.shuffle(Int32Array.from({ length: 40 }, (_, k) => (user % 2) * 40 + k)).slice(0, 16);
    chosen.forEach((item, k) => parts[k < 10 ? "train" : k < 13 ? "valid" : "test"]?.push(`Zoë-${user} ${item}号`));
  }
  for (const [part, lines] of Object.entries(parts)) writeFileSync(at(`${part}.txt`), `${lines.join("\n")}\n`);
  await prepare({
    format: "edges",
    behaviors: { buy: [at("train.txt")] },
    valid: at("valid.txt"),
    test: at("test.txt"),
    out: at("set"),
  });
}, 60_000);

describe.each(["mf(dim=8)", "lightgcn(dim=8,layers=2)"])("an export of %s", (model) => {
  const name = model.split("(")[0] as string;
  beforeAll(async () => {
    await train({
      config: { data: at("set"), model, epochs: 4, batch: 64, lr: 0.01, metrics: ["ndcg@10"] },
      out: at(name),
    });
    const run = await openRun(at(name));
    for (const format of ["safetensors", "npy", "parquet"] as const)
      await exportRun(run, { format, out: at(`${name}-${format}`) });
    run.dispose();
  }, 120_000);

  it.skipIf(!canRead)("gives a stranger with NumPy our NDCG of the test part", () => {
    const script = fileURLToPath(new URL("stranger.py", import.meta.url));
    const args = [script, at(`${name}-safetensors`), at(`${name}-npy`), folder, "10"];
    const found = JSON.parse(execFileSync(python, args, { encoding: "utf8" }));
    const ours = JSON.parse(readFileSync(join(at(name), "result.json"), "utf8")).result.test["ndcg@10"];
    expect(ours).toBeGreaterThan(0.1);
    expect(Math.abs(found.safetensors - ours)).toBeLessThan(1e-6);
    expect(Math.abs(found.npy - ours)).toBeLessThan(1e-6);
  });

  it("brings ids, embeddings and a card", async () => {
    const rows = [];
    for await (const row of readTable(join(at(`${name}-parquet`), "items.parquet"))) rows.push(row);
    expect(rows).toHaveLength(80);
    expect(rows[0]?.["embedding"]?.split(",")).toHaveLength(8);
    const files = readdirSync(at(`${name}-safetensors`)).sort();
    expect(files).toEqual(["card.json", "card.md", "ids.items.parquet", "ids.users.parquet", "model.safetensors"]);
    const card = JSON.parse(readFileSync(join(at(`${name}-safetensors`), "card.json"), "utf8"));
    const { value, lower, upper, users } = card.metrics.buy["ndcg@10"];
    expect([lower < value, value < upper, users]).toEqual([true, true, 60]);
    expect(readFileSync(join(at(`${name}-safetensors`), "card.md"), "utf8")).toContain("| buy | ndcg@10 |");
  });

  it("never writes over a folder, and leaves nothing of what failed", async () => {
    const run = await openRun(at(name));
    await expect(exportRun(run, { format: "npy", out: at(`${name}-npy`) })).rejects.toMatchObject({ code: "usage" });
    writeFileSync(at("file"), "");
    await expect(exportRun(run, { format: "npy", out: join(at("file"), "x") })).rejects.toMatchObject({
      code: "failed",
    });
    run.dispose();
    expect(existsSync(at(`${name}-npy`))).toBe(true);
    expect(readdirSync(folder).filter((entry) => entry.endsWith(".tmp"))).toEqual([]);
  });
});

describe("the tensors of a model with dense layers", () => {
  it("are laid out as nn.Linear and nn.Embedding have them", async () => {
    const config = {
      data: at("set"),
      model: "shared-bottom(dim=4,mlp=6-3,tower=5)",
      epochs: 1,
      backend: "cpu",
    } as const;
    await train({ config: { ...config, metrics: ["ndcg@10"] }, out: at("dense") });
    const run = await openRun(at("dense"));
    await exportRun(run, { format: "safetensors", out: at("dense-tensors") });
    const first = run.weightsByName().find(({ name }) => name === "mlp.0.weight");
    run.dispose();
    const bytes = readFileSync(join(at("dense-tensors"), "model.safetensors"));
    const size = Number(bytes.readBigUInt64LE());
    expect((8 + size) % 8).toBe(0);
    const header = JSON.parse(bytes.subarray(8, 8 + size).toString());
    expect(header["mf.users.weight"].shape).toEqual([60, 4]);
    expect(header["mlp.0.weight"].shape).toEqual([6, 8]);
    expect(header["tower.buy.1.weight"].shape).toEqual([1, 5]);
    const [from] = header["mlp.0.weight"].data_offsets;
    // Row 2, column 5 of [out, in] is row 5, column 2 of ours.
    expect(bytes.readFloatLE(8 + size + from + 4 * (2 * 8 + 5))).toBe(first?.values[5 * 6 + 2]);
  }, 60_000);
});
