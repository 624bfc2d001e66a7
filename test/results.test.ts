/** Results are data: claims are judged by code, pages are drawn from files, and nothing of a machine or of a data set is in them. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadRecipe } from "@gradpool/bench";
import { afterAll, describe, expect, it } from "vitest";
import { comparisonSection } from "../tooling/results/comparison.mjs";
import { fromBench } from "../tooling/results/from-bench.mjs";
import { type Claim, judge } from "../tooling/results/judge.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gradpool-results-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A comparison as it is kept, of these values by seed. */
const kept = (values: Readonly<Record<string, readonly (number | null)[]>>) => ({
  base: { metrics: ["ndcg@10"] },
  seeds: [1, 2, 3, 4],
  single: { like: "Single like", love: "Single love" },
  contenders: Object.entries(values).map(([label, own]) => ({
    label,
    role: label.startsWith("Single") ? "alone" : null,
    group: null,
    samplesPerSecond: own,
    test: { "ndcg@10": { values: own }, ne: { values: own }, "auc/like": { values: own }, "auc/love": { values: own }, auc: { values: own } }, // prettier-ignore
    valid: {},
  })),
});

describe("a claim", () => {
  const above = kept({ A: [0.5, 0.51, 0.52, 0.53], B: [0.4, 0.412, 0.421, 0.429], C: [0.3, 0.31, 0.322, 0.329] });

  it("is confirmed where every difference is significant in its direction, and refuted where one is the other way", () => {
    expect(judge({ of: "A", than: ["B", "C"] }, above)?.verdict).toBe("confirmed");
    expect(judge({ of: "B", than: ["A", "C"] }, above)?.verdict).toBe("refuted");
    expect(judge({ of: "B", than: ["A"], below: true }, above)?.verdict).toBe("confirmed");
    expect(judge({ of: "A" }, above)?.tests.map(({ other }) => other)).toEqual(["B", "C"]);
  });

  it("counts lower as better where the metric does", () => {
    expect(judge({ of: "A", than: ["B"], metrics: ["ne"] }, above)?.verdict).toBe("refuted");
    expect(judge({ of: "A", than: ["B"], metrics: ["speed"] }, { ...above, quiet: true })?.verdict).toBe("confirmed");
  });

  it("of speed is shown by a quiet machine alone", () => {
    const judged = judge({ of: "A", than: ["B"], metrics: ["speed"] }, above);
    expect(judged?.weakest.pHolm).toBeLessThan(0.05);
    expect(judged?.verdict).toBe("not shown");
  });

  it("is not shown where seeds scatter more than methods differ, and shows what speaks most against it", () => {
    const close = kept({ A: [0.5, 0.4, 0.6, 0.5], B: [0.45, 0.45, 0.52, 0.54], C: [0.1, 0.1, 0.1, 0.1] });
    const judged = judge({ of: "A", than: ["B", "C"] }, close);
    expect(judged?.verdict).toBe("not shown");
    expect(judged?.weakest.other).toBe("B");
  });

  it("that holds for several numbers of tasks is tested at each that was run", () => {
    const values = { A: [0.5, 0.51, 0.52, 0.53], B: [0.4, 0.412, 0.421, 0.429] };
    const claim = { of: "A", than: ["B"], suffixes: ["", ", T = 2", ", T = 3"] };
    const [more, less] = [values.A, values.B];
    expect(judge(claim, kept({ ...values, "A, T = 2": more, "B, T = 2": less }))).toMatchObject({
      verdict: "confirmed",
      tests: [{ other: "B" }, { other: "B, T = 2" }],
    });
    const judged = judge(claim, kept({ ...values, "A, T = 2": less, "B, T = 2": more }));
    expect(judged).toMatchObject({ verdict: "refuted", weakest: { other: "B, T = 2" } });
  });

  it("may name pairs, and may be content with one difference", () => {
    const pairs = [
      ["A", "B"],
      ["C", "B"],
    ] as const;
    expect(judge({ pairs: [pairs[0]] }, above)?.verdict).toBe("confirmed");
    expect(judge({ pairs }, above)).toMatchObject({ verdict: "refuted", weakest: { own: "C", other: "B" } });
    expect(judge({ pairs, some: true }, above)).toMatchObject({ verdict: "confirmed", weakest: { own: "A" } });
    expect(judge({ of: "C", some: true }, above)?.verdict).toBe("refuted");
  });

  it("of a point stands against the other points of its curve, by the seeds of the search", () => {
    const point = (value: number, ...values: readonly (number | null)[]) => ({ value, values });
    const values = [point(1, 0.3, 0.31, 0.322), point(1.1, 0.4, 0.412, 0.421), point(1.2, 0.2, 0.4, 0.3)];
    const set = { ...above, curves: [{ label: "A over x", name: "x", metric: "ndcg@10", points: values }] };
    const notBest = { than: "curve", below: true, some: true, part: "valid" } as const;
    expect(judge({ of: "A over x = 1", ...notBest }, set)).toMatchObject({
      verdict: "confirmed",
      tests: [{ other: "A over x = 1.1" }, { other: "A over x = 1.2" }],
      weakest: { other: "A over x = 1.1" },
    });
    expect(judge({ of: "A over x = 1.1", ...notBest }, set)?.verdict).toBe("not shown");
    expect(judge({ of: "A over x = 1.1", than: "curve" }, set)?.verdict).toBe("not shown");
    expect(judge({ of: "A over x = 3", than: "curve" }, set)).toBeNull();
  });

  it("is corrected for the differences that it names", () => {
    const judged = judge({ of: "A", than: ["B", "C"] }, above);
    for (const { p, pHolm } of judged?.tests ?? []) expect(pHolm).toBeGreaterThanOrEqual(p as number);
    expect(judged?.tests.some(({ p, pHolm }) => (pHolm as number) > (p as number))).toBe(true);
  });

  it("is of nothing where a contender is missing, or a seed of it", () => {
    expect(judge({ of: "A", than: ["D"] }, above)).toBeNull();
    expect(judge({ of: "A", than: ["B"] }, kept({ A: [0.5, null, 0.5, 0.5], B: [0.4, 0.4, 0.4, 0.4] }))).toBeNull();
  });

  it("compares with the mean of single-task runs, each with its own task", () => {
    const set = kept({ A: [0.5, 0.51, 0.52, 0.53], "Single like": [0.2, 0.2, 0.2, 0.2], "Single love": [0.4, 0.41, 0.4, 0.42] }); // prettier-ignore
    const judged = judge({ of: "A", than: ["Single, each task's own"], metrics: ["auc"] }, set);
    expect(judged?.weakest.gain).toBeCloseTo(0.515 - (0.2 + 0.4075) / 2, 12);
  });
});

describe("a finished comparison", () => {
  const [plan] = [{ ...loadRecipe("thesis-relax"), single: {}, base: { ...loadRecipe("thesis-relax").base, data: "/home/me/sets/x", patience: null, optimizer: "adam" } }]; // prettier-ignore
  const summary = { mean: 0.1, sd: 0.01, low: 0, high: 1, tasks: ["buy"], values: [0.1, 0.1 + 1 / 3] };
  const contenders = plan.contenders.slice(0, 2).map(({ label, pool }) => ({
    label,
    name: label,
    pool,
    group: null,
    point: {},
    seeds: 2,
    failed: 0,
    test: { "ndcg@10": summary },
    valid: { "ndcg@10": summary },
    versusBaseline: { "ndcg@10": { p: 0.5, pHolm: 1, verdict: "no difference shown" } },
    relativeImprovement: {},
    bestEpochs: [1, 2],
  }));
  const record = (seed: number) => ({
    label: "MetaBalance r=0",
    point: {},
    status: "ok",
    config: { seed, data: "/home/me/sets/x" },
    result: { best: {} },
    cost: { trainingSeconds: 60, wallSeconds: 90, samplesPerSecond: 1000 + seed },
    environment: { gradpool: "0.1.0", node: "20", engine: "wasm", processor: "2 × X", memory: "1 GiB" },
  });
  writeFileSync(
    join(folder, "summary.json"),
    JSON.stringify({ plan: { ...plan, seeds: [1, 2] }, contenders, notes: [] }),
  );
  writeFileSync(join(folder, "results.jsonl"), [1, 2].map((seed) => `${JSON.stringify(record(seed))}\n`).join(""));

  it("is kept with its time, machine and values by seed, and without the paths of who ran it", () => {
    const data = fromBench(folder, { name: "x", words: "X" });
    expect(JSON.stringify(data)).not.toContain("/home/me");
    expect(data).toMatchObject({
      recipe: "thesis-relax",
      trials: { count: 2, failed: 0, trainingSeconds: 120, wallSeconds: 180 },
      environment: { processor: "2 × X" },
      contenders: [{ samplesPerSecond: [1001, 1002], test: { "ndcg@10": { values: [0.1, 0.433333] } } }, {}],
    });
  });

  it("keeps curves over one option with every seed's value, and draws them and encoders × tasks as tables", () => {
    const { contenders: own } = loadRecipe("pmtrec-office", "encoders");
    const value = (label: string): number => (/NGCF|T1,T2/.test(label) ? 0.2 : 0.1);
    const cells = [1, 1.1].map((alpha) => ({
      label: "PMTRec over alpha",
      point: { alpha, weightDecay: 0 },
      metric: "ndcg@20",
      values: [alpha / 10, alpha / 10 + 0.02],
    }));
    const office = {
      ...plan,
      name: "pmtrec-office",
      contenders: own,
      base: { ...plan.base, metrics: ["ndcg@20"], tasks: ["buy", "au", "rating"] },
    };
    const rows = [...own, { label: "PMTRec over alpha", pool: "pmtrec", group: "sensitivity" }].map((one) => ({
      ...contenders[0],
      ...one,
      group: one.group ?? null,
      test: { "ndcg@20": { mean: value(one.label), sd: 0.01, values: [] } },
      valid: { "ndcg@20": { mean: 0.3, sd: 0.01, values: [] } },
      versusBaseline: { "ndcg@20": { p: 0.25, pHolm: 1, verdict: "no difference shown" } },
    }));
    const at = mkdtempSync(join(folder, "curves-"));
    writeFileSync(
      join(at, "summary.json"),
      JSON.stringify({ plan: { ...office, seeds: [1, 2] }, contenders: rows, notes: [], grid: cells }),
    );
    writeFileSync(join(at, "results.jsonl"), `${JSON.stringify(record(1))}\n`);
    const data = fromBench(at, { name: "x", words: "X" });
    expect(data).toMatchObject({
      curves: [
        {
          label: "PMTRec over alpha",
          name: "alpha",
          metric: "ndcg@20",
          points: [
            { value: 1, values: [0.1, 0.12] },
            { value: 1.1, values: [0.11, 0.13] },
          ],
        },
      ],
    });
    const text = comparisonSection(data, "x");
    expect(text).toContain("|  | BPR | +T1 | +T2 | +T1,T2 | EW |");
    expect(text).toMatch(/\| NGCF \| 0\.2000 ± 0\.0100 \| 0\.2000 ± 0\.0100 \(p 0\.250\) \|/);
    expect(text).toMatch(/\| MF \| 0\.1000 ± 0\.0100 \| 0\.1000 ± 0\.0100 \(p 0\.250\) \|/);
    expect(text).toContain("T1 and T2 are au and rating");
    expect(text).toContain("| 1 | 0.1100 ± 0.0141 |\n| 1.1 | **0.1200 ± 0.0141** |");
  });

  it("becomes a section with the numbers that the paper printed beside ours", () => {
    const data = fromBench(folder, { name: "x", words: "X", processor: "600" });
    const text = comparisonSection({ ...data, seeds: [1, 2] }, "x");
    expect(text).toContain("2 min of it training; 10 min of processor.");
    expect(text).toContain("| MetaBalance r=0 | 0.1000 ± 0.0100");
    expect(text).toContain("0.0105 / 0.1000");
  });
});

describe("docs/results", () => {
  const pages = readdirSync(join(root, "docs/results")).filter((name) => name.endsWith(".md"));

  it.each(pages)("%s leads nowhere that is not there", (name) => {
    const text = readFileSync(join(root, "docs/results", name), "utf8");
    for (const [, link = ""] of text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g))
      expect(existsSync(join(root, "docs/results", link)), link).toBe(true);
  });

  const { claims } = JSON.parse(readFileSync(join(root, "docs/results/claims.json"), "utf8")) as {
    claims: readonly (Claim & { readonly recipes: readonly string[]; readonly budget?: string })[];
  };
  const namedIn = ({ of, than, pairs, suffixes = [""] }: Claim): readonly string[] =>
    [of ?? [], typeof than === "string" ? [] : (than ?? []), pairs?.flat() ?? []]
      .flat()
      .flatMap((label) => suffixes.map((end) => `${label}${end}`))
      .filter((label) => !label.startsWith("Single, "));
  /** With the points of curves. */
  const labelsOf = (recipe: string, budget?: string): readonly string[] =>
    loadRecipe(recipe, budget).contenders.flatMap(({ label, group, grid = {} }) => {
      const curve = group === "sensitivity" ? Object.values(grid).find(({ length }) => length > 1) : undefined;
      return [label, ...(curve ?? []).map((value) => `${label} = ${value}`)];
    });

  it("names every contender of a claim as its recipe does", () => {
    for (const claim of claims)
      for (const recipe of claim.recipes) expect(labelsOf(recipe)).toEqual(expect.arrayContaining([...namedIn(claim)]));
  });

  it("has claims that a budget can judge: it leaves out no contender of one, and nothing that says whether there is a point", () => {
    for (const claim of claims)
      for (const recipe of claim.recipes) {
        const first = loadRecipe(recipe).contenders.flatMap(({ label, role, group }) =>
          role === undefined || group !== undefined ? [] : [label],
        );
        const labels = labelsOf(recipe, claim.budget ?? "small");
        // Of several numbers of tasks a budget may leave some out.
        const named = namedIn({ ...claim, suffixes: [""] });
        expect(labels, recipe).toEqual(expect.arrayContaining([...named, ...first]));
      }
  });

  it("holds no path of a machine", () => {
    for (const name of readdirSync(join(root, "docs/results/data")))
      expect(readFileSync(join(root, "docs/results/data", name), "utf8")).not.toMatch(/"\/(?:tmp|home|work|Users)\//);
  });
});
