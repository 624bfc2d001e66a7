import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Summary } from "@gradpool/bench";
import { afterAll, describe, expect, it } from "vitest";
import { gradpool } from "../../../test/cli/gradpool.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-one-class-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const source = fileURLToPath(new URL("../../runs/test/fixtures/one-class.csv", import.meta.url));

describe("a bench of a task that has one class in validation and test", () => {
  it("ends well, names task and part in words, and marks every mean without it, in summary and report", async () => {
    const run = (line: string) => gradpool(line.split(" "), { cwd: folder });
    const columns = "user=user,item=item,label=click+buy,time=ts";
    const prepared = await run(`prepare --format csv ${source} --columns ${columns} --target click --out set`);
    expect(prepared.code, prepared.stderr).toBe(0);
    const { code, stdout, stderr } = await run(
      "bench --data set --model click(trunk=8,head=4) --pools ew,pcgrad --seeds 2 --epochs 2 --out compared",
    );
    expect(code, stderr).toBe(0);
    for (const part of ["valid", "test"])
      expect(stdout).toContain(
        `auc of buy on ${part} is undefined: all 45 labels are 0; the mean auc over tasks is without it\n`,
      );
    expect(stderr).not.toMatch(/NaN|internal|failed/);

    const summary = JSON.parse(readFileSync(join(folder, "compared", "summary.json"), "utf8")) as Summary;
    for (const { test } of summary.contenders) {
      expect(test["auc"]?.mean).toBe(test["auc/click"]?.mean);
      expect(test["auc/buy"]?.mean ?? null).toBeNull();
      expect(test["logloss/buy"]?.mean).toBeGreaterThan(0);
    }
    const report = readFileSync(join(folder, "compared", "report.html"), "utf8");
    expect(report.match(/without buy/g)?.length).toBeGreaterThanOrEqual(2 * 3); // AUC, GAUC and NE of both pools
    expect(report).toContain("all 45 labels are 0");
    expect(report).not.toMatch(/>\s*NaN/);
  });
});

describe("--data shop beside a prepared set called shop", () => {
  it.each(["train", "bench"])("is refused by %s, which takes either by its full name", async (command) => {
    const run = (line: string) => gradpool(line.split(" "), { cwd: folder });
    if (!existsSync(join(folder, "shop"))) {
      const prepared = await run(
        `prepare --format csv ${source} --columns user=user,item=item,label=click+buy --out shop`,
      );
      expect(prepared.code, prepared.stderr).toBe(0);
    }
    const refused = await run(`${command} --data shop --epochs 1 --out either`);
    expect(refused.code).toBe(2);
    expect(refused.stderr.trim()).toBe(
      "gradpool: shop is the embedded generator, and a prepared set lies in ./shop (--data): write ./shop for the set, 'shop()' for the generator",
    );
    if (command === "bench") return;
    expect((await run("train --data shop() --epochs 1 --out generator")).code).toBe(0);
    const set = await run(
      "train --data ./shop --model click(trunk=4,head=4) --tasks click --epochs 1 --out set-of-mine",
    );
    expect(set.code, set.stderr).toBe(0);
  });
});
