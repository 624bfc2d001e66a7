import type { Plan, SweepFiles } from "@gradpool/bench";
import { beforeAll, describe, expect, it } from "vitest";
import { summarizeSweep } from "../../bench/src/statistics/summarize.js";
import { type Draw, loadDraw } from "../src/drawing/draw.js";
import { groupFigures } from "../src/figures/groups.js";
import { learningFigure } from "../src/figures/learning.js";
import { qualityFigure } from "../src/figures/quality.js";
import { header } from "../src/page/header.js";
import { buildReport } from "../src/report.js";
import { readSource } from "../src/source/sources.js";
import { caveats, verdict } from "../src/source/verdict.js";
import { fixture } from "./report-fixture.js";

let draw: Draw;
beforeAll(async () => {
  draw = await loadDraw();
});

const tasks = ["like", "follow"];
const singles = (): SweepFiles => fixture({ recipe: "gradcraft", tasks, impressions: true, diagnostics: 0, seeds: 2 });

/** The fixture as if no follow were in the test part: its AUC has no value there. */
function withoutFollow(): SweepFiles {
  const files = singles();
  const reason = "all 45 labels are 0";
  const records = files.records.map((record) => {
    const result = record.result as NonNullable<typeof record.result>;
    if (!record.config.tasks.includes("follow")) return record;
    const alone = record.config.tasks.length === 1;
    const mean = alone ? null : (result.test?.["auc/like"] as number);
    return {
      ...record,
      result: {
        ...result,
        test: { ...result.test, "auc/follow": null, auc: mean },
        undefined: [
          { metric: "auc", task: "follow", part: "test", reason },
          ...(alone ? [{ metric: "auc", part: "test", reason: "it is undefined for every task" }] : []),
        ],
      },
    };
  });
  return { plan: files.plan, records, summary: summarizeSweep(files.plan, records) };
}

describe("contenders of other tasks", () => {
  it("stand in no picture beside the others, but in that of their own task", () => {
    const source = readSource(singles());
    const figure = qualityFigure(draw, source, "AUC", ["auc", "auc/like"]);
    const [mean = "", own = ""] = String(figure?.svg).split('<div class="panel">').slice(1);
    expect(mean).not.toContain("Single like");
    expect(own).toContain(">Single like");
    expect(figure?.help).toContain("Measured on other tasks, so left out there: Single like and Single follow.");
  });

  it("have no baseline behind their curve", () => {
    const source = readSource(singles());
    const figure = learningFigure(draw, source, "auc");
    const behind = String(figure?.svg).match(/stroke="var\(--strong\)"/g) ?? [];
    expect(behind).toHaveLength(source.rows.length - 1 - tasks.length);
  });

  it("are shown in the table with what they are of, and no comparison", async () => {
    const page = await buildReport(singles(), draw);
    expect(page).toMatch(/<small>of like<\/small><small>other tasks: not compared<\/small>/);
  });
});

describe("a budget", () => {
  it("stands at the head with what it changes, a line each", () => {
    const files = singles();
    const differences = ["epochs is 4, in full 20", "2 seeds, in full 5"];
    const page = String(
      header(readSource({ ...files, plan: { ...files.plan, budget: { name: "small", differences } } })),
    );
    expect(page).toContain(
      "Budget small, not the recipe's whole schedule: <ul><li>epochs is 4, in full 20</li><li>2 seeds, in full 5</li></ul>",
    );
    expect(String(header(readSource(files)))).not.toContain("whole schedule");
  });
});

describe("a metric without a value", () => {
  it("is named with task, part and reason, at the head and where its value would stand", async () => {
    const files = withoutFollow();
    expect(caveats(readSource(files)).join("\n")).toContain(
      "auc of follow on test is undefined: all 45 labels are 0; the mean auc over tasks is without it.",
    );
    const page = await buildReport(files, draw);
    expect(page).toContain('<span class="warn" title="all 45 labels are 0">undefined</span>');
    expect(page).toContain('<small class="warn">without follow</small>');
    expect(page).not.toMatch(/>NaN|>null</);
  });

  it("leaves a verdict on what is left, and says so where nothing is", () => {
    const files = withoutFollow();
    expect(verdict(readSource(files))).not.toContain("no result");
    const records = files.records.map((record) => ({
      ...record,
      result: {
        ...(record.result as NonNullable<typeof record.result>),
        test: { auc: null },
        undefined: [{ metric: "auc", part: "test", reason: "it is undefined for every task" }],
      },
    }));
    const nothing = { plan: files.plan, records, summary: summarizeSweep(files.plan, records) };
    expect(verdict(readSource(nothing))).toMatch(
      /^AUC of .* is undefined \(it is undefined for every task\), so nothing can be compared on it\.$/,
    );
  });
});

describe("an interval that goes on beyond its panel", () => {
  // Two seeds: half an interval is 12.7 standard errors.
  const source = () => readSource(fixture({ diagnostics: 0, seeds: 2 }));

  it("ends in an arrow, at each end that is cut", () => {
    const figure = qualityFigure(draw, source(), "NDCG", ["ndcg@10"]);
    const svg = String(figure?.svg);
    expect(svg).toContain(">◀</text>");
    expect(svg).toContain(">▶</text>");
    expect(figure?.help).toContain("An arrow at the end of a bar: it goes on beyond the panel");
  });

  it("does so where an option's values stand side by side, too", () => {
    const files = fixture({ recipe: "thesis-relax", diagnostics: 0, seeds: 2 });
    const [figure] = groupFigures(draw, readSource(files));
    expect(String(figure?.svg)).toMatch(/>[↑↓]<\/text>/);
    expect(figure?.help).toContain("An arrow at the end of a bar");
  });

  it("has none where the whole of it is seen", () => {
    const files = fixture({ diagnostics: 0, seeds: 1 });
    expect(String(qualityFigure(draw, readSource(files), "NDCG", ["ndcg@10"])?.svg)).not.toMatch(/[◀▶]/);
  });
});

describe("a swept pool", () => {
  it("is called by its chosen value, and nothing in the page by what stands for it", async () => {
    const pools = ["ew", "metabalance(relax={relax})"];
    const page = await buildReport(fixture({ diagnostics: 2, pools, grid: { relax: [0.3, 0.7] } }), draw);
    expect(page).toMatch(/<th scope="row" data-key="metabalance\(relax=0\.[37]\)">/);
    expect(page).not.toContain("{relax}");
    expect(page).toContain("They had 1 to 2 points to choose from");
  });

  it("under a recipe's own label is called by the values that this names", async () => {
    const pools = ["ew", "metabalance(relax={relax})"];
    const change = (plan: Plan): Plan => ({
      ...plan,
      contenders: plan.contenders.map((one) => (one.label === "ew" ? one : { ...one, label: "MB {relax}" })),
    });
    const page = await buildReport(fixture({ diagnostics: 2, pools, grid: { relax: [0.3, 0.7] }, change }), draw);
    expect(page).toMatch(/<th scope="row" data-key="MB 0\.[37]">/);
    expect(page).not.toContain("{relax}");
    expect(page).toMatch(/<th scope="row">MB …<\/th><td>relax = 0\.[37]/);
    expect(page).toContain("They had 1 to 2 points to choose from, MB 0.");
  });
});
