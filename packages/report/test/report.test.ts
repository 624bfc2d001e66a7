import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Plan, SweepFiles } from "@gradpool/bench";
import type { TrainConfig } from "@gradpool/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { summarizeSweep } from "../../bench/src/statistics/summarize.js";
import { type Draw, loadDraw } from "../src/drawing/draw.js";
import { metric, metricLabel, percent, quantity } from "../src/drawing/format.js";
import { header } from "../src/page/header.js";
import { buildReport, writeReport } from "../src/report.js";
import { readSource } from "../src/source/sources.js";
import { caveats, verdict } from "../src/source/verdict.js";
import { fixture } from "./report-fixture.js";

let draw: Draw;
const folder = mkdtempSync(join(tmpdir(), "gradpool-report-"));
beforeAll(async () => {
  draw = await loadDraw();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const everySeed = [1, 2, 3];
const allFailed = (): SweepFiles =>
  fixture({
    failed: Object.fromEntries(fixture({ diagnostics: 0 }).plan.contenders.map(({ label }) => [label, everySeed])),
  });

/** The fixture with every test metric of a pool moved by a factor that hardly varies over seeds. */
function moved(label: string, factor: number, seeds: number = 3): SweepFiles {
  const files = fixture({ diagnostics: 0, seeds, pools: ["ew", "pcgrad", "rlw"] });
  const records = files.records.map((record, _, all) => {
    const base = all.find((other) => other.label === "ew" && other.config.seed === record.config.seed);
    const scale = record.label === label ? factor + 0.0001 * record.config.seed : 1 + 0.01 * (record.config.seed - 2);
    const values = Object.entries(base?.result?.test ?? {}).map(([name, value]) => [
      name,
      (value as number) * (record.label === "ew" ? 1 : scale),
    ]);
    return {
      ...record,
      result: { ...(record.result as NonNullable<typeof record.result>), test: Object.fromEntries(values) },
    };
  });
  return { plan: files.plan, records, summary: summarizeSweep(files.plan, records) };
}

/** What must not stand in a page, apart from its own script and style, each with its surroundings. */
const defects = (html: string): readonly string[] => {
  const content = html.replaceAll(/<style>[\s\S]*?<\/style>|<script>[\s\S]*?<\/script>/g, "");
  return [...content.matchAll(/.{0,40}(NaN(?! \(step)|undefined|\[object|Infinity|<i>).{0,40}/g)].map(
    ([found]) => found,
  );
};

const has = (html: string, part: string | RegExp): boolean =>
  typeof part === "string" ? html.includes(part) : part.test(html);

describe("the verdict", () => {
  const say = (files: SweepFiles): string => verdict(readSource(files));

  it("names who beats the baseline, by how much and with which p", () => {
    expect(say(moved("pcgrad", 1.1))).toMatch(
      /^On NDCG@10, pcgrad \(\+10\.0 %, p < 0\.001\) beats ew\. For the other one pool, no difference is shown\.$/,
    );
  });

  it("names who does worse", () => {
    expect(say(moved("pcgrad", 0.9))).toMatch(/pcgrad \(−9\.98 %, p < 0\.001\) does worse than ew\./);
  });

  it("says that no difference is shown where none is", () => {
    expect(say(moved("nobody", 1))).toBe("No difference shown: on NDCG@10 no pool could be told from ew.");
  });

  it("does not test one seed, and says what that means", () => {
    const one = moved("pcgrad", 1.1, 1);
    expect(say(one)).toMatch(/^Nothing could be tested: too few seeds finished\./);
    expect(caveats(readSource(one)).join(" ")).toContain("One seed: differences cannot be tested");
  });

  it("says when nothing finished, or the baseline did not", () => {
    expect(say(allFailed())).toBe("No trial finished, so there is nothing to compare.");
    expect(say(fixture({ failed: { EW: everySeed }, diagnostics: 0 }))).toContain("The baseline EW has no result");
  });

  it("leaves no pool without a result unmentioned", () => {
    expect(say(fixture({ failed: { GradCraft: everySeed }, diagnostics: 0 }))).toContain("GradCraft has no result.");
    const { plan, records } = fixture({ diagnostics: 0 });
    const begun = records.filter(({ label }) => label !== "GradCraft");
    expect(say({ plan, records: begun, summary: summarizeSweep(plan, begun) })).toContain(
      "GradCraft has no result yet.",
    );
  });
});

describe("a report", () => {
  it("is the same for the same records", async () => {
    const files = fixture({ diagnostics: 20, seeds: 2, pools: ["ew", "pcgrad"] });
    expect(await buildReport(files, draw)).toBe(await buildReport(files, draw));
  });

  it("asks nothing of the network and lets nothing run but its own script", async () => {
    const html = await buildReport(fixture({ diagnostics: 20, seeds: 2, pools: ["ew", "pcgrad"] }), draw);
    expect(has(html, "default-src 'none'")).toBe(true);
    expect(has(html, /script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/)).toBe(true);
    expect(has(html, /(src|href)="(?!#|data:)/)).toBe(false);
    expect(has(html, /url\(|@import|https?:|\sstyle="|\son\w+="/)).toBe(false);
    expect(has(html, /^<!doctype html>\n<html lang="en">/)).toBe(true);
  });

  it("shows every pool's metrics with half the interval, the test, cost and failures", async () => {
    const files = fixture({ diagnostics: 0, failed: { PCGrad: [2] } });
    const html = await buildReport(files, draw);
    const row = files.summary.contenders[1];
    const { mean, high } = row?.test["ndcg@10"] ?? { mean: NaN, high: NaN };
    expect(has(html, `${metric(mean)}</span> <span class="faint">± ${((high as number) - mean).toFixed(4)}`)).toBe(
      true,
    );
    for (const head of ["Rank", "Samples/s", "QPS drop", "s/epoch", "Peak memory", "Best epochs", "Failed"])
      expect(has(html, new RegExp(`<th scope="col"[^>]*>${head}</th>`))).toBe(true);
    expect(has(html, "1 of 3")).toBe(true);
    expect(has(html, "gradient of task pv is NaN (step 412): lower --lr")).toBe(true);
  });

  it("shows relative improvement where tasks were learnt alone, and NE gain where there is NE", async () => {
    const single = await buildReport(
      fixture({ recipe: "gradcraft", tasks: ["like", "follow"], impressions: true, diagnostics: 0, seeds: 2 }),
      draw,
    );
    expect(has(single, ">RI AUC</th>")).toBe(true);
    const clicks = await buildReport(
      fixture({ recipe: "multibalance", tasks: ["ctr", "cvr"], impressions: true, diagnostics: 0, seeds: 2 }),
      draw,
    );
    expect(has(clicks, ">NE gain</th>")).toBe(true);
    expect(has(clicks, ">NE gain · cvr</th>")).toBe(true);
  });

  it("sets the papers' numbers beside ours under the name of their source and setting", async () => {
    const files = fixture({ recipe: "thesis-relax", diagnostics: 0, seeds: 2 });
    const html = await buildReport(files, draw);
    expect(has(html, "<h3>thesis, Table 2</h3>")).toBe(true);
    expect(has(html, "Their setting: validation part of Taobao UserBehavior.")).toBe(true);
    const ours = files.summary.contenders[2]?.valid["ndcg@10"]?.mean as number;
    expect(html).toMatch(
      new RegExp(
        `MetaBalance r=0\\.5</th><td class="n">0\\.0104<small>[^<]*</small></td><td class="n">${metric(ours)}`,
      ),
    );
  });

  it("lists every trial with what is its own, and what all share once", async () => {
    const files = fixture({ diagnostics: 0 });
    const html = await buildReport(files, draw);
    expect(html.match(/<details id="trial-/g)).toHaveLength(files.records.length);
    expect(has(html, "<dt>pool</dt><dd>pcgrad</dd>")).toBe(true);
    expect(html.match(/Example CPU/g)).toHaveLength(2);
  });

  it.each([
    ["no diagnostics", () => fixture({ diagnostics: 0 })],
    ["one seed", () => fixture({ seeds: 1, diagnostics: 10 })],
    [
      "a failed pool and a failed seed",
      () => fixture({ failed: { GradCraft: everySeed, PCGrad: [2] }, diagnostics: 10 }),
    ],
    ["a failed baseline", () => fixture({ failed: { EW: everySeed }, diagnostics: 10 })],
    ["nothing but failures", allFailed],
    ["one pool", () => fixture({ pools: ["ew"], diagnostics: 10 })],
    [
      "no records at all",
      () => ({
        ...fixture({ diagnostics: 0 }),
        records: [],
        summary: summarizeSweep(fixture({ diagnostics: 0 }).plan, []),
      }),
    ],
    [
      "names with markup in them",
      () => fixture({ diagnostics: 10, seeds: 2, pools: ["ew", "pcgrad"], tasks: ["<i>", 'a"b', "c&d"] }),
    ],
  ])("can be made of a sweep with %s", async (_, files) => {
    const html = await buildReport(files(), draw);
    expect(html.endsWith("</html>\n")).toBe(true);
    expect(defects(html)).toEqual([]);
  });

  it("stays below three megabytes for eleven pools of three seeds with 240 points of diagnostics each", async () => {
    const pools = [
      "ew",
      "rlw",
      "pcgrad",
      "metabalance",
      "gradcraft",
      "pmtrec",
      "multibalance",
      "gradvac",
      "graddrop",
      "cagrad",
      "mgda",
    ];
    const files = fixture({ pools, diagnostics: 240 });
    expect(files.records).toHaveLength(33);
    const html = await buildReport(files, draw);
    expect(Buffer.byteLength(html)).toBeLessThan(3_000_000);
  });

  it("is written to a file, and says so where it cannot be", async () => {
    const files = fixture({ diagnostics: 5, seeds: 1, pools: ["ew", "pcgrad"] });
    const path = join(folder, "report.html");
    await writeReport(files, path);
    expect(readFileSync(path, "utf8")).toBe(await buildReport(files, draw));
    await expect(writeReport(files, join(folder, "none", "report.html"))).rejects.toThrow(/could not be written.*none/);
  });

  const training = (change: Partial<TrainConfig>, swept: Partial<Plan> = {}): string => {
    const files = fixture({
      diagnostics: 0,
      change: (plan) => ({ ...plan, grid: {}, ...swept, base: { ...plan.base, ...change } }),
    });
    return /<dt>Training<\/dt><dd>([^<]*)/.exec(String(header(readSource(files))))?.[1] ?? "";
  };

  it("says how rows and pairs were treated where it is not the default", () => {
    expect(training({})).toMatch(/weight decay 0.0001$/);
    const negative = { model: "shared-bottom", missing: "negative" } as const;
    expect(training(negative)).toMatch(/weight decay 0.0001, pairs of other tasks as negatives$/);
    expect(training({ rows: "dense-equivalent" })).toMatch(/, rows dense-equivalent$/);
    const rows = { rows: ["lazy", "dense-equivalent"] };
    expect(training({}, { grid: rows })).toMatch(/, rows one of lazy, dense-equivalent$/);
  });

  it("says what pools were trained with: a grid's values, were it only one, and a search's range, not the base's", () => {
    const base = { epochs: 20, batch: 4096, optimizer: "adam", lr: 0.001, weightDecay: 0 } as const;
    const said = "20 epochs at most, batch 4 096, adam, learning rate 0.001, weight decay 0";
    expect(training(base)).toBe(said);
    expect(training(base, { grid: { lr: [0.02] } })).toBe(said.replace("0.001", "0.02"));
    expect(training(base, { grid: { batch: [512, 1024], optimizer: ["sgd"] } })).toBe(
      said.replace("4 096", "one of 512, 1 024").replace("adam", "sgd"),
    );
    const range = { low: 0.0001, high: 0.1, log: true, integer: false };
    const search = { strategy: "random", trials: 4, seed: 1, space: { lr: range, epochs: [3, 9] } } as const;
    expect(training(base, { search })).toBe(
      said.replace("20 epochs", "one of 3 epochs, 9 epochs").replace("0.001", "searched from 0.0001 to 0.1"),
    );
  });
});

describe("numbers", () => {
  it("are written as papers write them", () => {
    expect([metric(0.04512), metric(0.00012), percent(0.0321), percent(-0.2), percent(0)]).toEqual([
      "0.0451",
      "0.00012",
      "+3.21 %",
      "−20.0 %",
      "0 %",
    ]);
    expect([quantity(123456), quantity(0.0123), quantity(0)]).toEqual(["123 456", "0.0123", "0"]);
    expect(["ndcg@10", "auc/like", "logloss", "gauc:pos"].map(metricLabel)).toEqual([
      "NDCG@10",
      "AUC · like",
      "Log loss",
      "GAUC:pos",
    ]);
  });
});
