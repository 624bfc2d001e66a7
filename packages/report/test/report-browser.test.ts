import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildReport } from "../src/report.js";
import { absent, launch, needsIt, watch } from "./browser.js";
import { fixture } from "./report-fixture.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-browser-"));
const file = join(folder, "report.html");

let context: BrowserContext;
let page: Page;
let complaints: string[];
let requests: string[];

describe.skipIf(absent)(`the report in a browser${needsIt}`, () => {
  beforeAll(async () => {
    writeFileSync(
      file,
      await buildReport(fixture({ diagnostics: 60, failed: { PCGrad: [2] }, grid: { lr: [0.01, 0.001] } })),
    );
    context = await launch(join(folder, "profile"));
  });
  afterAll(async () => {
    await context?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await page?.close();
    page = await context.newPage();
    ({ complaints, requests } = await watch(page));
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(pathToFileURL(file).href);
  });

  const labels = (): Promise<string[]> =>
    page
      .locator("#overview-test tbody th")
      .evaluateAll((cells) => cells.map((cell) => (cell as unknown as { dataset: { key: string } }).dataset.key));
  const means = (): Promise<number[]> =>
    page
      .locator("#overview-test tbody tr td:nth-child(2)")
      .evaluateAll((cells) =>
        cells.map((cell) => Number((cell as unknown as { dataset: { key: string } }).dataset.key)),
      );
  const sorting = (head: string): Locator =>
    page.locator("#overview-test thead").getByRole("button", { name: head, exact: true });

  it("renders without a word on the console, and nothing but the file is asked for", async () => {
    expect(await page.title()).toBe("The seven methods on the embedded shop · gradpool report");
    for (const details of await page.locator("details.data").all())
      await details.evaluate((element) => element.setAttribute("open", ""));
    expect(complaints).toEqual([]);
    expect(requests).toEqual([pathToFileURL(file).href]);
  });

  it("would be stopped by its own policy from asking for anything", async () => {
    await page.evaluate("fetch('https://example.org/').catch(() => {})");
    expect(requests.filter((url) => url.startsWith("http"))).toEqual([]);
    expect(complaints.join(" ")).toContain("Content Security Policy");
  });

  it("sorts by a column with the mouse: best first, then worst first", async () => {
    const before = await labels();
    await sorting("NDCG@10").click();
    const first = await means();
    expect(first).toEqual([...first].sort((a, b) => b - a));
    expect(await page.locator("#overview-test th[aria-sort]").getAttribute("aria-sort")).toBe("descending");
    await sorting("NDCG@10").click();
    expect(await means()).toEqual([...first].reverse());
    expect((await labels()).sort()).toEqual([...before].sort());
  });

  it("sorts with the keyboard, by words too", async () => {
    await sorting("Pool").focus();
    await page.keyboard.press("Enter");
    const sorted = await labels();
    expect(sorted).toEqual([...sorted].sort((a, b) => a.localeCompare(b)));
    expect(await page.locator("#overview-test th[aria-sort]").count()).toBe(1);
  });

  it("changes tabs with the mouse and with arrow keys, one panel shown at a time", async () => {
    const tab = (name: string): Locator => page.getByRole("tab", { name, exact: true });
    await tab("Validation").click();
    expect(await page.locator("#overview-valid").isVisible()).toBe(true);
    expect(await page.locator("#overview-test").isVisible()).toBe(false);
    await page.keyboard.press("ArrowRight");
    expect(await tab("Test").getAttribute("aria-selected")).toBe("true");
    expect(await tab("Test").evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    expect(await page.locator("#overview-test").isVisible()).toBe(true);
    await page.keyboard.press("End");
    expect(await page.locator("#overview-valid").isVisible()).toBe(true);
    await page.keyboard.press("Home");
    expect(await page.locator("#overview-test").isVisible()).toBe(true);
    expect(await page.locator("#overview-tabs [role=tab][tabindex='0']").count()).toBe(1);
  });

  it("has both themes, by the system and by the button", async () => {
    const background = (): Promise<string> => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.getByRole("button", { name: "Dark theme" }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.getByRole("button", { name: "Light theme" }).click();
    expect(await background()).toBe(light);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.reload();
    expect(await background()).toBe(dark);
  });

  it.each(["light", "dark"] as const)("has text of enough contrast in the %s theme", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const faint = await page.evaluate(`(() => {
      const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
      const light = (colour) => { const [r, g, b] = colour.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const probe = document.body.appendChild(document.createElement("i"));
      const of = (name) => { probe.style.color = "var(--" + name + ")"; return light(rgb(getComputedStyle(probe).color)); };
      const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const out = [];
      for (const text of ["ink", "muted", "accent", "better", "worse", "warn", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"])
        for (const ground of ["bg", "surface", ...(text.startsWith("t") ? [] : ["sunk"])])
          if (ratio(of(text), of(ground)) < 4.5) out.push(text + " on " + ground);
      for (const ground of ["bg", "surface"]) if (ratio(of("strong"), of(ground)) < 3) out.push("strong on " + ground);
      return out;
    })()`);
    expect(faint).toEqual([]);
  });

  it.each([
    ["csv", /^pool,metric,mean,sd,low,high,/],
    ["json", /^\[\n \{\n {2}"pool": "EW"/],
  ] as const)("gives a figure's data as %s", async (kind, start) => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator(`#quality-ndcg [data-download=${kind}]`).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`test-ndcg.${kind}`);
    const text = readFileSync(await download.path(), "utf8");
    expect(text).toMatch(start);
    if (kind === "csv") expect(text.split("\r\n")).toHaveLength(1 + 7 * 2 + 1);
    expect(complaints).toEqual([]);
  });

  it("builds a large data table when it is asked for, in pages", async () => {
    const figure = page.locator("#gradients");
    expect(await figure.locator("table").count()).toBe(0);
    const rows = (): Promise<number> => figure.locator("tbody tr").count();
    await figure.locator("summary").click();
    // The browser says that something was opened when it has the time.
    await expect.poll(rows).toBe(200);
    await figure.getByRole("button", { name: /Show more/ }).click();
    await expect.poll(rows).toBe(400);
  });

  it("finds trials by words, and shows what one is made of", async () => {
    await page.getByLabel("Search trials").fill("metab lr = 0.001 seed 1");
    expect(await page.locator("#search-count").textContent()).toMatch(/^1 of \d+ trials$/);
    await page.getByLabel("Search trials").fill("metab seed 2");
    const found = page.locator("#trials-table tbody tr:visible");
    expect(await found.count()).toBe(1);
    expect(await page.locator("#search-count").textContent()).toMatch(/^1 of \d+ trials$/);
    await found.locator("summary").click();
    expect(await found.getByText("metabalance", { exact: true }).isVisible()).toBe(true);
  });

  it.each([1152, 1400])(
    "shows what decides without scrolling at %i px: the first metric, rank and seconds",
    async (width) => {
      await page.setViewportSize({ width, height: 900 });
      for (const head of ["NDCG@10", "Rank", "s/epoch"]) {
        const box = await sorting(head).boundingBox();
        expect((box?.x ?? width) + (box?.width ?? width), head).toBeLessThan(width);
      }
      const region = await page.locator("#overview .wide").first().boundingBox();
      // The margins beside the text are the table's to use.
      expect(region?.width).toBeGreaterThan(Math.min(width - 100, 1300));
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    },
  );

  it("writes no name over another where two qualities are set against each other", async () => {
    const covered = await page.evaluate(`(() => {
      const out = [];
      for (const svg of document.querySelectorAll("#trade svg")) {
        const names = [...svg.querySelectorAll("text[stroke='var(--bg)'], [stroke='var(--bg)'] text")];
        const boxes = names.map((name) => ({ name: name.textContent, box: name.getBoundingClientRect() }));
        boxes.forEach(({ name, box: a }, k) => {
          for (const { name: other, box: b } of boxes.slice(k + 1))
            if (Math.min(a.right, b.right) > Math.max(a.left, b.left) + 1 && Math.min(a.bottom, b.bottom) > Math.max(a.top, b.top) + 1)
              out.push(name + " on " + other);
        });
        if (boxes.length < 7) out.push("only " + boxes.length + " names");
      }
      return out;
    })()`);
    expect(covered).toEqual([]);
  });

  it("fits a phone: the page does not scroll sideways", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  });

  it("names every picture, table region and button", async () => {
    expect(await page.locator("svg[role=img]:not([aria-label])").count()).toBe(0);
    for (const name of await page
      .getByRole("img")
      .evaluateAll((all) => all.map((element) => element.getAttribute("aria-label"))))
      expect(name?.trim()).toBeTruthy();
    expect(await page.getByRole("main").count()).toBe(1);
    expect(await page.getByRole("navigation").count()).toBe(1);
    expect(await page.getByRole("banner").count()).toBe(1);
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('[id]')].map(({ id }) => id).filter((id, k, all) => all.indexOf(id) !== k)",
      ),
    ).toEqual([]);
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('[aria-labelledby],[aria-describedby]')].flatMap((e) => [e.getAttribute('aria-labelledby'), e.getAttribute('aria-describedby')]).filter((id) => id && !document.getElementById(id))",
      ),
    ).toEqual([]);
  });

  it("can be read without its script", async () => {
    const without = join(folder, "plain.html");
    writeFileSync(without, readFileSync(file, "utf8").replace(/<script>[\s\S]*<\/script>/, ""));
    await page.goto(pathToFileURL(without).href);
    expect(await page.locator("#overview-test").isVisible()).toBe(true);
    expect(await page.locator("#overview-valid").isVisible()).toBe(true);
    expect(await page.locator("#theme").isVisible()).toBe(false);
    expect(await page.locator("#quality-ndcg [data-download]").first().isVisible()).toBe(false);
  });
});
