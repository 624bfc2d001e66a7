import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readSweep } from "@gradpool/bench";
import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeReport } from "../src/report.js";
import { absent, launch, needsIt, watch } from "./browser.js";
import { attacks, forgedText, writeSweep } from "./forged.js";
import { fixture } from "./report-fixture.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-forged-browser-"));
let context: BrowserContext;

describe.skipIf(absent)(`a forged results folder in a browser${needsIt}`, () => {
  beforeAll(async () => {
    context = await launch(join(folder, "profile"));
  });
  afterAll(async () => {
    await context?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const grid = { relax: [0.3, 0.7] };
  const files = fixture({ diagnostics: 2, seeds: 2, pools: ["ew", "metabalance(relax={relax})"], grid });

  it.each(attacks.map((attack, k) => [attack, k] as const))(
    "asks for nothing, runs nothing and stays where it is: %s",
    async (attack, k) => {
      const path = join(folder, `${k}.html`);
      await writeReport(readSweep(writeSweep(join(folder, String(k)), forgedText(files, attack))), path);
      const page = await context.newPage();
      const { requests, complaints } = await watch(page);
      const left: string[] = [];
      page.on("framenavigated", (frame) => left.push(frame.url()));
      page.on("dialog", (dialog) => void dialog.dismiss());
      const { href } = pathToFileURL(path);
      await page.goto(href);
      // What only opening, focusing or hovering would set off.
      await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
      for (const button of await page.locator("th button, .tablist button, #theme").all())
        await button.dispatchEvent("click");
      await page.keyboard.press("Tab");
      await page.waitForTimeout(300);
      expect(requests).toEqual([href]);
      expect(left).toEqual([href]);
      expect(complaints).toEqual([]);
      expect(await page.title()).toContain("gradpool report");
      expect(await page.title()).not.toBe("PWNED");
      expect(await page.locator("iframe, object, embed, base, form, img, meta[http-equiv=refresh]").count()).toBe(0);
      expect(await page.locator("script:not([type='application/json'])").count()).toBe(1);
      expect(await page.locator("style").count()).toBe(1);
      await page.close();
    },
  );

  it("gives no spreadsheet a formula: text that begins like one gets an apostrophe, numbers do not", async () => {
    const path = join(folder, "formulas.html");
    const starts = ['=HYPERLINK("https://example.org","x")', "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1"];
    const pools = fixture({
      diagnostics: 2,
      seeds: 2,
      change: (plan) => ({
        ...plan,
        baseline: starts[0] as string,
        contenders: plan.contenders.slice(0, 6).map((one, k) => ({ ...one, label: starts[k] as string })),
      }),
    });
    await writeReport(pools, path);
    const page = await context.newPage();
    await page.goto(pathToFileURL(path).href);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator("#quality-ndcg [data-download=csv]").click(),
    ]);
    const text = readFileSync(await download.path(), "utf8");
    const lines = text.split("\r\n").filter((line) => line !== "");
    for (const start of starts) expect(text).toContain(`'${start.replaceAll('"', '""')}`);
    expect(lines.filter((line) => /^"?[=+\-@\t\r]/.test(line))).toEqual([]);
    // Relative differences below the baseline's are numbers and stay numbers.
    expect(text).toMatch(/,-0\.\d+,/);
    await page.close();
  });
});
