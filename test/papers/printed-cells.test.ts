/** Every number that the papers print stands in a recipe, and what the recipe measures on data in the printed layout stands beside it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadRecipe, makePlan, type Plan, type TrialRecord } from "@gradpool/bench";
import { describeData, type RunFile, train, type TrainConfig } from "@gradpool/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configure, gridOf } from "../../packages/bench/src/search/trials.js";
import { summarizeSweep } from "../../packages/bench/src/statistics/summarize.js";
import { measuredBeside } from "../../packages/report/src/source/printed.js";
import { readSource } from "../../packages/report/src/source/sources.js";
import { preparedLayouts } from "./tiny-files.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-papers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let sets: Readonly<Record<string, string>> = {};
beforeAll(async () => {
  sets = await preparedLayouts(folder);
}, 60_000);

type Printed = number | string | null | readonly Printed[] | { readonly [name: string]: Printed };
const published = JSON.parse(readFileSync(new URL("./published.json", import.meta.url), "utf8")) as Record<
  "thesis" | "pmtrec" | "gradcraft" | "multibalance",
  Record<string, Printed>
>;

/** Every number of a table, in per cent where that is how it is printed. */
function numbersIn(printed: Printed | undefined, scale = 1): readonly number[] {
  if (typeof printed === "number") return [printed / scale];
  if (typeof printed !== "object" || printed === null) return [];
  return Object.values(printed).flatMap((part) => numbersIn(part as Printed, scale));
}

const rounded = (numbers: readonly number[]): readonly number[] =>
  numbers.map((number) => Number(number.toPrecision(9))).sort((a, b) => a - b);

const cellsOf = (names: readonly string[], source: RegExp): readonly number[] =>
  names.flatMap((name) =>
    (loadRecipe(name).published ?? []).flatMap((table) => (source.test(table.source) ? numbersIn(table.rows) : [])),
  );

const pmtrec = ["pmtrec-epinions", "pmtrec-games", "pmtrec-office"];
const wechat = published.gradcraft["wechat"] as Record<string, Record<string, Printed>>;
/** The tasks' values and their means; RI is printed in per cent. */
const gradcraftCells = Object.values(wechat).flatMap((table) =>
  Object.entries(table).flatMap(([row, cells]) => numbersIn(cells, row.startsWith("RI") ? 100 : 1)),
);
const ablation = Object.entries(published.gradcraft["ablation"] as Record<string, Printed>).flatMap(([name, cells]) =>
  name === "columns" ? [] : (cells as readonly number[]).map((cell, k) => (k % 2 === 1 ? cell / 100 : cell)),
);

describe("the numbers of the papers", () => {
  it.each([
    ["thesis, Table 3", ["thesis"], /Table 3/, numbersIn(published.thesis["table3_test_percent"], 100)],
    [
      "thesis, Table 2",
      ["thesis-relax"],
      /Table 2/,
      numbersIn(published.thesis["table2_relax_validation_percent"], 100),
    ],
    ["PMTRec, Table 2", pmtrec, /Table 2/, numbersIn(published.pmtrec["table2_test"])],
    ["PMTRec, Table 3", pmtrec, /Table 3/, numbersIn(published.pmtrec["table3_tasks"])],
    ["GradCraft, WeChat", ["gradcraft"], /WeChat/, gradcraftCells],
    ["GradCraft, ablation", ["gradcraft"], /ablation/, ablation],
    ["MultiBalance, Table 2", ["multibalance"], /Table 2/, numbersIn(published.multibalance["table2"], 100)],
    [
      "MultiBalance, Table 3",
      ["multibalance"],
      /Table 3/,
      numbersIn(published.multibalance["table3_ne_gain_percent"], 100),
    ],
    [
      "MultiBalance, Table 4",
      ["multibalance"],
      /Table 4/,
      numbersIn(published.multibalance["table4_learning_rate"], 100),
    ],
  ] as const)("of %s are all in a recipe, and no others", (_, names, source, printed) => {
    expect(printed.length).toBeGreaterThan(7);
    expect(rounded(cellsOf(names, source))).toEqual(rounded(printed));
  });
});

/** One run for all contenders that are measured alike: what is measured depends on model, tasks and metrics alone. */
async function runsOf(plan: Plan, name: string): Promise<readonly TrialRecord[]> {
  const runs = new Map<string, RunFile>();
  const records: TrialRecord[] = [];
  for (const contender of plan.contenders) {
    const point = gridOf(plan, contender)[0] ?? {};
    const config = configure(plan, contender, point, 1);
    const pool = "ew";
    const alike: TrainConfig = { ...config, pool, balance: null, optimizer: "adam", missing: "unlabelled", lr: 0.001 };
    const key = JSON.stringify([config.model, config.tasks]);
    const out = join(folder, `${name}-${runs.size}`);
    const run =
      runs.get(key) ?? (await train({ config: { ...alike, weightDecay: 0, monitor: null }, out, keepData: false }));
    runs.set(key, run);
    const { result, cost, environment } = run;
    records.push({ id: key, label: contender.label, point, config, status: "ok", result, cost, environment });
  }
  return records;
}

/** The recipe's models, narrower: what they measure does not change. */
const narrower: Readonly<Record<string, string>> = {
  gradcraft: "ple-deepfm(dim=4,expert=4,head=4)",
  multibalance: "click(dim=4,trunk=8-4,head=4)",
  thesis: "shared-bottom(dim=4,mlp=4,tower=4)",
  "thesis-relax": "shared-bottom(dim=4,mlp=4,tower=4)",
};

describe("a recipe measures what its paper prints, on data in the printed layout", () => {
  it.each(["thesis", "thesis-relax", ...pmtrec, "gradcraft", "multibalance"])(
    "%s",
    { timeout: 60_000 },
    async (name) => {
      const data = sets[name] as string;
      const recipe = { ...loadRecipe(name), grid: {}, seeds: [1] };
      const model = narrower[name];
      const config = { data, epochs: 1, backend: "cpu" as const, ...(model !== undefined && { model }) };
      const plan = await makePlan({ recipe, config }, (await describeData(data)).facts);
      const records = await runsOf(plan, name);
      const source = readSource({ plan, records, summary: summarizeSweep(plan, records) });
      const part = (setting: string): "valid" | "test" => (/validation/.test(setting) ? "valid" : "test");
      const missing = plan.published.flatMap(({ source: table, setting, rows }) =>
        Object.entries(rows).flatMap(([label, cells]) =>
          Object.keys(cells).flatMap(
            (column) =>
          Number.isFinite(measuredBeside(source, label, column, part(setting)) ?? NaN) ? [] : `${table}: ${label}, ${column}`, // prettier-ignore
          ),
        ),
      );
      expect(missing).toEqual([]);
    },
  );

  it.each(["gradcraft-tasks", "multibalance-tasks"])(
    "%s compares each number of tasks with its own baseline",
    async (name) => {
      const data = sets[name] as string;
      const plan = await makePlan({ recipe: loadRecipe(name), config: { data } }, (await describeData(data)).facts);
      for (const { overrides, baseline, label, role } of plan.contenders) {
        if (role !== undefined) continue;
        const base = plan.contenders.find((one) => one.label === (baseline ?? plan.baseline));
        expect(overrides?.tasks ?? plan.base.tasks, label).toEqual(base?.overrides?.tasks ?? plan.base.tasks);
      }
      const sizes = new Set(plan.contenders.map(({ overrides }) => (overrides?.tasks ?? plan.base.tasks).length));
      expect([...sizes].sort()).toEqual(name === "gradcraft-tasks" ? [1, 2, 3, 4, 5, 6] : [2, 4, 6]);
    },
  );
});
