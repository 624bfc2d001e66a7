import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeData, train } from "@gradpool/runs";
import { afterAll, describe, expect, it } from "vitest";
import { makePlan } from "../src/plan/plan.js";
import { loadRecipe } from "../src/recipes/recipe.js";
import { configure } from "../src/search/trials.js";
import { readSweepSoFar } from "../src/under-way.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-under-way-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a comparison that is still going", () => {
  it("is reported as far as it has come, and says so; what has not run has not failed", async () => {
    const data = "shop(users=60,items=50)";
    const plan = await makePlan(
      {
        recipe: loadRecipe("demo"),
        config: { data, epochs: 1, batch: 64, metrics: ["ndcg@10"] },
        pools: ["ew", "pcgrad"],
        seeds: 2,
      },
      (await describeData(data)).facts,
    );
    expect(() => readSweepSoFar(folder)).toThrow(/no summary/);
    writeFileSync(join(folder, "plan.json"), JSON.stringify(plan));
    expect(() => readSweepSoFar(folder)).toThrow(/no trial has ended yet/);
    for (const [k, seed] of [1, 2].entries())
      await train({
        config: configure(plan, plan.contenders[0]!, {}, seed),
        out: join(folder, "trials", `t${k}`),
        keepData: false,
      });
    mkdirSync(join(folder, "trials", "begun"));
    mkdirSync(join(folder, "trials", "damaged"));
    writeFileSync(join(folder, "trials", "damaged", "result.json"), "{");
    const { summary, records } = readSweepSoFar(folder);
    expect(records.map(({ label, config }) => [label, config.seed])).toEqual([
      ["ew", 1],
      ["ew", 2],
    ]);
    expect(summary.notes[0]).toMatch(/has not ended: 2 trials have, 2 of the 4/);
    const [done, waiting] = summary.contenders;
    expect(done!.test["ndcg@10"]!.values).toHaveLength(2);
    expect(waiting).toMatchObject({ label: "pcgrad", failed: 0, test: {} });
  });
});
