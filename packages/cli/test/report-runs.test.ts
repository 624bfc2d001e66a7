/** Reports of runs that no bench made, and the report served while training goes on. */
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { readRuns } from "@gradpool/bench";
import { train } from "@gradpool/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { absent, launch, needsIt } from "../../report/test/browser.js";
import { gradpool } from "../src/gradpool.js";
import { resultsOf } from "../src/show/results.js";
import { watchReport } from "../src/show/watch.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-report-runs-"));
const at = (...names: string[]): string => join(folder, ...names);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const base = {
  data: "shop(users=40,items=30)",
  model: "mf(dim=4)",
  epochs: 3,
  lr: 0.02,
  metrics: ["ndcg@10"],
  diagnosticsEvery: 1,
};

beforeAll(async () => {
  await train({ config: { ...base, pool: "ew", seed: 1 }, out: at("ew-1") });
  await train({ config: { ...base, pool: "ew", seed: 2 }, out: at("ew-2") });
  await train({ config: { ...base, pool: "pcgrad", seed: 1 }, out: at("pcgrad") });
  // A run that was stopped in the middle of a line of its log.
  cpSync(at("pcgrad"), at("going"), { recursive: true });
  rmSync(at("going", "result.json"));
  const log = readFileSync(at("pcgrad", "metrics.jsonl"), "utf8");
  truncateSync(at("going", "metrics.jsonl"), log.lastIndexOf('{"epoch":3') + 20);
}, 60_000);

async function report(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  let said = "";
  const sink = new Writable({ write: (chunk, _encoding, done) => ((said += String(chunk)), done()) });
  const code = await gradpool(["report", ...args], { stdout: sink, stderr: sink, stdin: process.stdin });
  return { code, said };
}

/** What a page says, without its tags. */
const textOf = (html: string): string =>
  html
    .replace(/<(style|script)[^]*?<\/\1>/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");

describe("gradpool report", () => {
  it("reports one run into its folder: what it came to, its curves and pools", async () => {
    expect(await report(at("pcgrad"))).toMatchObject({ code: 0 });
    const html = readFileSync(at("pcgrad", "report.html"), "utf8");
    const { result } = JSON.parse(readFileSync(at("pcgrad", "result.json"), "utf8"));
    const text = textOf(html);
    expect(text).toContain(`NDCG@10 is ${result.test["ndcg@10"].toFixed(4)} on test, by the weights of epoch ${result.bestEpoch}.`); // prettier-ignore
    for (const id of ["overview", "learning", "pools", "trials"]) expect(html).toContain(`<section id="${id}"`);
    expect(text).not.toMatch(/nothing to compare|Baseline|differs from|Tuning|several tasks helps/);
    expect(html).not.toContain("EventSource");
  }, 60_000);

  it("says of a folder that is not there what to give", async () => {
    const { code, said } = await report(at("nothing"));
    expect(code).toBe(1);
    expect(said).toMatch(
      /there is no such folder \(.*nothing\): give the --out folder of gradpool bench or of gradpool train/,
    );
  });

  it("reports several side by side, seeds of one configuration as one, and says that nobody planned it", async () => {
    expect(await report(at("ew-1"), at("ew-2"), at("pcgrad"), "--out", at("all.html"))).toMatchObject({ code: 0 });
    const text = textOf(readFileSync(at("all.html"), "utf8"));
    expect(text).toContain("3 runs. They were not planned as a comparison");
    const { plan, summary } = readRuns([at("ew-1"), at("ew-2"), at("pcgrad")]);
    expect(summary.contenders.map(({ label, seeds, failed }) => [label, seeds, failed])).toEqual([["ew", 2, 0], ["pcgrad", 2, 0]]); // prettier-ignore
    expect(plan.contenders[1]?.overrides).toEqual({});
    expect(summary.contenders[0]?.test["ndcg@10"]?.values).toHaveLength(2);
  }, 60_000);

  it("reports a run that is still going as far as it has come, and says so", async () => {
    expect(await report(at("going"), "--out", at("going.html"))).toMatchObject({ code: 0 });
    const text = textOf(readFileSync(at("going.html"), "utf8"));
    expect(text).toContain("going has not ended: 2 of 3 epochs are judged, and nothing is tested");
    expect(text).toMatch(/NDCG@10 is 0\.\d+ on validation, by the weights of epoch [12], the best so far/);
  }, 60_000);

  it("refuses in one line what it cannot report", async () => {
    await train({ config: { ...base, data: "shop(users=41,items=30)" }, out: at("other") });
    expect(await report(at("pcgrad"), at("other"), "--out", at("x.html"))).toMatchObject({
      code: 1,
      said: expect.stringMatching(/^gradpool: the runs were trained on different data .*\n$/),
    });
    expect((await report(at("pcgrad"), at("ew-1"))).said).toMatch(/several runs has no place of its own .*say where/);
    expect((await report(at("pcgrad"), at("none"), "--out", at("x.html"))).said).toMatch(/there is no run/);
    expect((await report(at("pcgrad"), "--port", "80")).said).toMatch(/nothing is served .*add --watch/);
    expect((await report(at("pcgrad"), "--watch", "--out", at("x.html"))).said).toMatch(/--watch writes no file/);
  }, 60_000);
});

const statusOf = (url: string, host = new URL(url).host): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get(url, { headers: { host } }, (response) => resolve(response.resume().statusCode)).on("error", reject);
  });

describe("a report of what is not there yet", () => {
  it("is served, says so, and is the run's once there is one", async () => {
    const stop = new AbortController();
    let onListening: (url: string) => void = () => undefined;
    const listening = new Promise<string>((resolve) => void (onListening = resolve));
    const folders = [at("later")];
    const ended = watchReport({ folders, read: resultsOf(folders, true), port: 0, signal: stop.signal, onListening });
    const url = await listening;
    const page = async (): Promise<string> => textOf(await (await fetch(url)).text());
    await expect.poll(page, { timeout: 20_000 }).toMatch(/it is not there yet .*later.*: begin the run or the bench/);
    cpSync(at("pcgrad"), at("later"), { recursive: true });
    await expect.poll(page, { timeout: 20_000 }).toMatch(/on test, by the weights of epoch/);
    stop.abort();
    await ended;
  }, 60_000);
});

describe.skipIf(absent)(`a report that is served${needsIt}`, () => {
  it("changes in the browser when the run goes on, and ends with the command", async () => {
    cpSync(at("going"), at("live"), { recursive: true });
    rmSync(at("live", "metrics.jsonl"));
    const stop = new AbortController();
    let onListening: (url: string) => void = () => undefined;
    const listening = new Promise<string>((resolve) => void (onListening = resolve));
    const folders = [at("live")];
    const ended = watchReport({ folders, read: () => readRuns(folders), port: 0, signal: stop.signal, onListening });
    const url = await listening;
    const context = await launch(at("profile"));
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(url, { waitUntil: "domcontentloaded" });
      await page.getByText("No epoch has been judged yet.").waitFor();
      writeFileSync(at("live", "metrics.jsonl"), readFileSync(at("going", "metrics.jsonl")));
      await page.getByText("2 of 3 epochs are judged").first().waitFor();
      writeFileSync(at("live", "metrics.jsonl"), readFileSync(at("pcgrad", "metrics.jsonl")));
      writeFileSync(at("live", "result.json"), readFileSync(at("pcgrad", "result.json")));
      await page.getByText(/on test, by the weights of epoch/).waitFor();
      expect(complaints).toEqual([]);
      // A name that points at this machine is not this machine's.
      expect(await statusOf(url, "example.com")).toBe(403);
      expect(await statusOf(`${url}package.json`)).toBe(404);
    } finally {
      await context.close();
    }
    stop.abort();
    await ended;
    await expect(fetch(url)).rejects.toThrow();
  }, 120_000);
});
