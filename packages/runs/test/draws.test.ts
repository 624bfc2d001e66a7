import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { train, type TrainConfig } from "../src/index.js";

/** Pools that need more of a step than one batch, by configuration. */

const folder = mkdtempSync(join(tmpdir(), "gradpool-draws-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const base = { data: "shop(users=20,items=30)", tasks: ["buy", "cart"], epochs: 2, batch: 64, backend: "cpu" } as const;
let count = 0;

async function run(config: Partial<TrainConfig>) {
  const out = join(folder, String(count++));
  const file = await train({ config: { ...base, ...config }, out });
  const read = (name: string): string => readFileSync(join(out, name), "utf8");
  return { file, out, read, weights: readFileSync(join(out, "checkpoint/best.gradpool")) };
}

const click = "click(dim=4,interaction=none,trunk=6,head=3)";

describe("a run", () => {
  it.each<[string, Partial<TrainConfig>]>([
    ["mf, modo, each batch drawn", { pool: "modo" }],
    ["mf, modo, a batch cut in three", { pool: "modo", furtherBatches: "split" }],
    ["mf, auxinash, a tenth held out", { pool: "auxinash(every=2)", heldOut: 0.1 }],
    ["mf, adatask in Adam", { pool: "adatask" }],
    ["lightgcn, sdmgrad, double sampling", { model: "lightgcn(dim=4,layers=1)", pool: "sdmgrad(sampling=double)" }],
    ["lightgcn, auxinash", { model: "lightgcn(dim=4,layers=1)", pool: "auxinash(every=2)" }],
    ["shared-bottom, modo of two", { model: "shared-bottom(dim=4,mlp=4,tower=3)", pool: "modo(combine=mean)" }],
    ["click, auxinash", { model: click, pool: "auxinash(every=2)" }],
    [
      "click, sdmgrad, a batch cut in three",
      { model: click, pool: "sdmgrad(sampling=double)", furtherBatches: "split" },
    ],
  ])("trains, and its losses fall: %s", async (_name, config) => {
    const { file } = await run({ ...config, lr: 0.02 });
    const { history, stopped } = file.result;
    expect(stopped).toBe("epochs");
    const totals = history.map(({ losses }) => losses.reduce<number>((sum, loss) => sum + (loss as number), 0));
    expect(totals[1]).toBeLessThan(totals[0]!);
  });

  it("has other batches, and fewer training examples, by these options alone where the pool asks for them", async () => {
    const plain = await run({});
    for (const more of [{ furtherBatches: "split" }, { heldOut: 0.3 }] as const) {
      const other = await run(more);
      expect(other.file.result.history).toEqual(plain.file.result.history);
    }
    const drawn = await run({ pool: "modo" });
    const cut = await run({ pool: "modo", furtherBatches: "split" });
    expect(cut.file.result.samples * 3).toBe(drawn.file.result.samples);
    const held = [0.05, 0.5].map((heldOut) => run({ pool: "auxinash", heldOut }));
    const [few, many] = await Promise.all(held);
    expect(many!.file.result.samples).toBeLessThan(0.6 * few!.file.result.samples);
  });

  it.each<[string, Partial<TrainConfig>, RegExp]>([
    [
      "a trunk's representation",
      { model: click, pool: "modo@representation" },
      /modo needs 3 independent batches, and other examples have another representation/,
    ],
    [
      "adagrad",
      { pool: "adatask", optimizer: "adagrad" },
      /adatask keeps Adam's moments for each task, and the optimiser is adagrad/,
    ],
    [
      "a limit of each task's gradient",
      { pool: "adatask", clipTasks: 1 },
      /adatask needs its answer applied as an update/,
    ],
    [
      "accumulation",
      { pool: "modo", accumulate: 2 },
      /modo needs 3 independent batches a step, and accumulated batches are one/,
    ],
    [
      "accumulation of what is validated",
      { pool: "auxinash(every=5)", accumulate: 2 },
      /auxinash needs validation gradients, and accumulated/,
    ],
  ])("is refused before training, by name and with the reason: %s", async (_name, config, message) => {
    await expect(run(config)).rejects.toThrow(message);
  });
});
