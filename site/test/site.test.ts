import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { answerRequest, listMethods } from "@gradpool/registry";
import { sealed } from "@gradpool/files";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { absent, launch, needsIt } from "../../packages/report/test/browser.js";
import { fixture } from "../../packages/report/test/report-fixture.js";
import { buildSite } from "../build.mjs";
import { type Served, serve } from "../build/serve.mjs";
import { landscapes } from "../playground/model/landscapes/index.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-site-"));
const out = join(folder, "dist");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const all = (await listMethods()).map(({ method }) => method.name);

beforeAll(async () => {
  await buildSite({ out, api: false });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pages = (): string[] =>
  (readdirSync(out, { recursive: true }) as string[]).filter((path) => path.endsWith(".html")).sort();

describe("the site's files", () => {
  it("hold a page for every guide, package and method", () => {
    const places = pages();
    for (const name of all) {
      const own = places.some(
        (path) =>
          path.startsWith("methods/") &&
          readFileSync(join(out, path), "utf8").includes(`<code>${name}</code>: what it makes`),
      );
      expect(own, name).toBe(true);
    }
    for (const name of ["docs/choose-a-method", "docs/limits", "packages/core", "packages/trainer"])
      expect(places).toContain(`${name}/index.html`);
  });

  it("link to what is there, and to nothing by an absolute path", () => {
    const broken: string[] = [];
    for (const page of pages()) {
      const html = readFileSync(join(out, page), "utf8");
      for (const [, target] of html.matchAll(/<(?:a|img|link|script)\b[^>]*?(?:href|src)="([^"]*)"/g)) {
        if (target === undefined || /^(?:https?:|data:|#)/.test(target)) continue;
        const [path = "", hash] = target.split("#");
        let file = join(out, dirname(page), path);
        if (path.endsWith("/") || path === "." || path === "..") file = join(file, "index.html");
        const there = existsSync(file) && !path.startsWith("/");
        const anchored =
          hash === undefined || !there || readFileSync(file, "utf8").includes(`id="${decodeURIComponent(hash)}"`);
        if (!there || !anchored) broken.push(`${page} → ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });
});

describe.skipIf(absent)(`the site in a browser${needsIt}`, () => {
  let context: BrowserContext;
  let served: Served;
  const complaints: string[] = [];

  beforeAll(async () => {
    // A base path that nobody told the build of.
    served = await serve(out, "/some/where/");
    context = await launch(join(folder, "profile"));
  });
  afterAll(async () => {
    await context?.close();
    await served?.close();
  });
  afterEach(async () => {
    await Promise.all(context.pages().map((page) => page.close()));
    expect(complaints.splice(0)).toEqual([]);
  });

  /** Opens a page; whatever it says on the console, or asks for elsewhere, fails the test. */
  async function open(path: string, width = 1400): Promise<Page> {
    const page = await context.newPage();
    await page.setViewportSize({ width, height: 900 });
    page.on("console", (message) => complaints.push(`${path}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`${path}: ${error.message}`));
    await page.route("**", (route) => {
      const url = route.request().url();
      if (url.startsWith(served.url) || /^(?:data|blob|about):/.test(url)) return route.continue();
      complaints.push(`${path} asked for ${url}`);
      return route.abort();
    });
    await page.goto(`${served.url}${path}`);
    return page;
  }

  /** What axe-core finds: contrast, names, roles, order of headings. */
  async function findings(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    return page.evaluate(async () => {
      const { axe: run } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const { violations } = await run.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
    });
  }

  const wide = (page: Page): Promise<number> =>
    page.evaluate(() => {
      const { document: shown } = globalThis as unknown as {
        document: { documentElement: { scrollWidth: number; clientWidth: number } };
      };
      return shown.documentElement.scrollWidth - shown.documentElement.clientWidth;
    });

  it.each(["", "docs/", "docs/choose-a-method/", "methods/pcgrad/", "packages/core/"])(
    "shows /%s without a word, for everyone, on a phone and a screen, light and dark",
    async (path) => {
      for (const width of [360, 1400]) {
        const page = await open(path, width);
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          expect(await findings(page)).toEqual([]);
        }
        expect(await wide(page)).toBeLessThanOrEqual(0);
        await page.close();
      }
    },
  );

  it("finds pages by the keyboard alone", async () => {
    const page = await open("docs/limits/");
    await page.keyboard.press("/");
    await page.keyboard.type("gradient surgery");
    const first = page.locator("#found a").first();
    await first.waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    while (!(await first.evaluate((link) => link === link.ownerDocument.activeElement)))
      await page.keyboard.press("Tab");
    const target = (await first.getAttribute("href")) as string;
    expect(await page.locator("#found a[href*='methods/pcgrad/']").count()).toBeGreaterThan(0);
    await page.keyboard.press("Enter");
    await page.waitForURL(target);
    expect((await page.locator("main").textContent())?.toLowerCase()).toContain("surgery");
  });

  describe("the landscapes", () => {
    const computed = (page: Page, after = 0): Promise<unknown> =>
      page.waitForFunction(
        (least) =>
          Number(
            (globalThis as unknown as { document: { documentElement: { dataset: Record<string, string> } } }).document
              .documentElement.dataset["computed"] ?? -1,
          ) > least,
        after,
      );
    const turn = (page: Page): Promise<number> =>
      page.evaluate(() =>
        Number(
          (globalThis as unknown as { document: { documentElement: { dataset: Record<string, string> } } }).document
            .documentElement.dataset["computed"],
        ),
      );

    /** Does something, and waits for what is computed after it. */
    async function after(page: Page, action: () => Promise<unknown>): Promise<void> {
      const before = await turn(page);
      await action();
      await computed(page, before);
    }

    it("are readable by everyone, on a phone and a screen", async () => {
      for (const width of [360, 1400]) {
        const page = await open("playground/", width);
        await computed(page);
        expect(await findings(page)).toEqual([]);
        expect(await wide(page)).toBeLessThanOrEqual(0);
        await page.close();
      }
    });

    it.each(landscapes.map(({ name }) => name))(
      "%s: every method walks as gradpool pool does with the same gradients",
      async (name) => {
        const page = await open("playground/");
        await computed(page);
        await after(page, () => page.selectOption("#landscape", name));
        await after(page, () => page.fill("#steps", "40").then(() => page.press("#steps", "Enter")));
        await after(page, () => page.getByRole("button", { name: `All ${all.length}` }).click());
        const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
        const requests = readFileSync(await download.path(), "utf8")
          .trim()
          .split("\n");
        const held = await page.evaluate(
          () =>
            (globalThis as unknown as { document: { documentElement: { dataset: Record<string, string> } } }).document
              .documentElement.dataset["answers"] as string,
        );
        const walked = JSON.parse(held) as number[][][];
        expect(requests).toHaveLength(all.length);
        let steps = 0;
        for (const [k, line] of requests.entries()) {
          const request = JSON.parse(line) as { method: string; steps: unknown[] };
          if (request.steps.length === 0) continue;
          const answer = await answerRequest({ value: request as never });
          if ("error" in answer) throw new Error(`${request.method}: ${answer.error.message}`);
          answer.output.forEach(({ combined }, step) => {
            const own = walked[k]?.[step] as number[];
            const theirs = (combined as (number | number[])[]).flat();
            const size = Math.max(...theirs.map(Math.abs), Number.MIN_VALUE);
            theirs.forEach((value, at) =>
              expect(
                Math.abs(value - (own[at] as number)) / size,
                `${request.method}, step ${step}`,
              ).toBeLessThanOrEqual(1e-12),
            );
            steps++;
          });
        }
        expect(steps).toBeGreaterThan(30 * (all.length - 3));
      },
    );

    it("have controls that all do something, and a link that holds them", async () => {
      const page = await open("playground/");
      await computed(page);
      const ends = (): Promise<string> => page.locator("#ends").innerText();
      const changes = async (action: () => Promise<unknown>): Promise<void> => {
        const before = await ends();
        await after(page, action);
        expect(await ends()).not.toBe(before);
      };
      await changes(() => page.selectOption("#landscape", "quadratics"));
      await changes(() => page.locator("#slider-scale").fill("5"));
      await changes(() => page.selectOption("#optimizer", "sgd"));
      await changes(() => page.fill("#learning-rate", "0.01").then(() => page.press("#learning-rate", "Enter")));
      await changes(() => page.fill("#steps", "60").then(() => page.press("#steps", "Enter")));
      await changes(() => page.getByRole("button", { name: "start 2" }).click());
      await changes(() =>
        page
          .getByLabel("start, coordinate 1")
          .fill("-2.5")
          .then(() => page.keyboard.press("Enter")),
      );
      await changes(() => page.locator("#plane").click({ position: { x: 200, y: 150 } }));
      await changes(() =>
        page
          .selectOption("#add-method", "rlw")
          .then(() => page.getByRole("button", { name: "Add", exact: true }).click()),
      );
      await changes(() => page.fill("#seed", "7").then(() => page.press("#seed", "Enter")));
      await page.locator(".choices summary", { hasText: "pcgrad" }).click();
      await changes(() => page.locator(".choices").getByLabel("against").selectOption("target"));
      await changes(() => page.getByRole("button", { name: "Remove ew" }).click());
      await page.selectOption("#arrows", { index: 1 });
      await page.locator("#position").fill("10");
      expect(await page.locator("#where").textContent()).toBe("step 10 of 60");
      await page.click("#play");
      await page.waitForFunction(
        () =>
          (globalThis as unknown as { document: { documentElement: { dataset: Record<string, string> } } }).document
            .documentElement.dataset["frames"] !== undefined,
      );
      expect(await page.locator("#where").textContent()).toBe("step 60 of 60");
      const before = await ends();
      const again = await open(`playground/${new URL(page.url()).hash}`);
      await computed(again);
      expect(await again.locator("#ends").innerText()).toBe(before);
    });

    it("say what is wrong with an option, and go on", async () => {
      const page = await open("playground/");
      await computed(page);
      await after(page, () =>
        page
          .selectOption("#add-method", "cagrad")
          .then(() => page.getByRole("button", { name: "Add", exact: true }).click()),
      );
      await page.locator(".choices summary", { hasText: "cagrad" }).click();
      const field = page.locator(".choices li").last().locator("input[type=text]").first();
      await after(page, () => field.fill("nonsense").then(() => field.press("Enter")));
      expect(await page.locator(".choices [role=status]").last().textContent()).toMatch(
        /is (?:NaN|null).*give a number in/,
      );
      expect(await page.locator("#ends").innerText()).toContain("pcgrad");
    });
  });

  describe("your gradients", () => {
    const ready = (page: Page): Promise<unknown> =>
      page.waitForFunction(
        () =>
          (globalThis as unknown as { document: { documentElement: { dataset: Record<string, string> } } }).document
            .documentElement.dataset["ready"] === "yes",
      );

    it("shows every pool's answer, is readable by everyone, and keeps all in its link", async () => {
      for (const width of [360, 1400]) {
        const page = await open("playground/gradients/", width);
        await ready(page);
        expect(await page.locator("#counts").textContent()).toBe("3 tasks × 3 numbers, 2 of 3 pairs in conflict.");
        expect(await page.locator("#verdicts tbody tr").count()).toBe(all.length);
        expect(await findings(page)).toEqual([]);
        expect(await wide(page)).toBeLessThanOrEqual(0);
        await page.fill("#text", "1,2\n-2,0.5");
        await page.click("#read");
        await page.waitForFunction(
          () => (globalThis as unknown as { location: { hash: string } }).location.hash.length > 5,
        );
        await page.waitForTimeout(50);
        const again = await open(`playground/gradients/${new URL(page.url()).hash}`);
        await ready(again);
        expect(await again.locator("#counts").textContent()).toContain("2 tasks × 2 numbers, 1 of 1 pairs");
        await page.close();
      }
    });

    it("answers broken input with a sentence, and goes on", async () => {
      const page = await open("playground/gradients/");
      await ready(page);
      for (const [text, message] of [
        ["[[1, NaN], [1, 2]]", "NaN"],
        ["[[1, 2], [3]]", "ragged"],
        ["x".repeat(10_000_000), "10.0 million characters"],
      ] as const) {
        await page
          .locator("#text")
          .evaluate((area, value) => ((area as unknown as { value: string }).value = value), text);
        await page.click("#read");
        expect(await page.locator("#message").textContent()).toContain(message);
        expect(await page.locator("#result").isVisible()).toBe(false);
      }
      await page.click("#example");
      expect(await page.locator("#message").textContent()).toBe("");
      expect(await page.locator("#result").isVisible()).toBe(true);
    });

    it("takes a run's diagnostics as a file, step by step", async () => {
      const page = await open("playground/gradients/");
      await ready(page);
      const line = (step: number, c: number): string =>
        JSON.stringify({ step, epoch: 1, norms: [1, 3], weights: [1, 1], conflictRate: 1, cosines: [1, c, c, 1] });
      const path = join(folder, "diagnostics.jsonl");
      writeFileSync(path, `${line(4, -0.5)}\n${line(8, 0.25)}\n`);
      await page.setInputFiles("#file", path);
      await page.getByText(/1 of 1 pairs in conflict\. Diagnostics hold/).waitFor();
      await page.selectOption("#which", "step 8");
      expect(await page.locator("#counts").textContent()).toContain("0 of 1 pairs");
    });
  });

  describe("your report", () => {
    const ready = (page: Page): Promise<unknown> =>
      page.waitForFunction(
        () =>
          (globalThis as unknown as { document: { documentElement: { dataset: Record<string, string> } } }).document
            .documentElement.dataset["ready"] === "yes",
      );

    it("draws a comparison's page from its files, and says what is missing or damaged", async () => {
      const { summary, records } = fixture();
      const paths = { summary: join(folder, "summary.json"), records: join(folder, "results.jsonl") };
      writeFileSync(paths.summary, JSON.stringify(sealed(summary)));
      writeFileSync(paths.records, records.map((record) => `${JSON.stringify(sealed(record))}\n`).join(""));
      const page = await open("playground/report/");
      await ready(page);
      await page.setInputFiles("#files", [paths.records]);
      await page.getByText("summary.json missing").waitFor();
      await page.setInputFiles("#files", [paths.summary, paths.records]);
      const heading = page.frameLocator("#frame").locator("h1");
      await heading.waitFor();
      expect(await heading.textContent()).toBe("The seven methods on the embedded shop");
      expect(await findings(page)).toEqual([]);
      writeFileSync(paths.summary, JSON.stringify({ ...sealed(summary), sha256: "0".repeat(64) }));
      await page.setInputFiles("#files", [paths.summary, paths.records]);
      await page.getByText("its checksum does not match").waitFor();
      expect(await page.locator("#result").isVisible()).toBe(false);
    });
  });
});

it("replaces no folder that holds something else", async () => {
  const other = join(folder, "other");
  mkdirSync(other);
  writeFileSync(join(other, "thesis.txt"), "years of work");
  await expect(buildSite({ out: other, api: false })).rejects.toThrow("holds other things than a site");
  expect(readdirSync(other)).toEqual(["thesis.txt"]);
});

it("builds to the same files twice", async () => {
  const again = join(folder, "again");
  await buildSite({ out: again, api: false });
  for (const path of pages())
    expect(readFileSync(join(again, path), "utf8"), relative(folder, path)).toBe(readFileSync(join(out, path), "utf8"));
});
