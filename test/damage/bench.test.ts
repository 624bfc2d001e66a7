import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bench, loadRecipe, readSweep } from "@gradpool/bench";
import { buildReport } from "@gradpool/report";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chosen, filesIn, harmsOf, type Outcome, outcomeOf, tally } from "./harm.js";

let folder = "";
const at = (...names: readonly string[]): string => join(folder, ...names);

/** What a comparison comes to, without costs and without where it is. */
async function compared(out = "bench", epochs = 2): Promise<unknown> {
  const config = { data: "shop(users=60,items=50)", epochs, batch: 64, metrics: ["ndcg@10"], diagnosticsEvery: 2 };
  const { plan, summary, records } = await bench({
    recipe: loadRecipe("demo"),
    config,
    pools: ["ew", "pcgrad"],
    seeds: 1,
    out: at(out),
  });
  expect(readSweep(at(out))).toEqual({ plan, summary, records });
  const failed = records.find(({ status }) => status === "failed");
  if (failed !== undefined) return failed;
  const measured = records.map((record) => ({ ...record, cost: null, environment: null }));
  return { plan, summary, measured, logs: trialsOf(out).map((trial) => logs(at(out, "trials", trial))) };
}

const trialsOf = (out: string): readonly string[] =>
  [...new Set(filesIn(at(out, "trials")).map((name) => name.split("/")[0] as string))].sort();
const logs = (trial: string): readonly string[] =>
  ["metrics.jsonl", "diagnostics.jsonl"].map((name) =>
    readFileSync(join(trial, name), "utf8").replaceAll(/,"time":"[^"]*"/g, ""),
  );

let whole: unknown;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-damage-"));
  whole = await compared("whole");
  await compared("other", 3);
});
/** All of it takes minutes. */
const timeout = "DAMAGE" in process.env ? 3_600_000 : 120_000;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The same file of the other comparison: its trials have other names. */
const otherOf = (name: string): string => {
  const [, trial = "", ...rest] = name.split("/");
  if (rest.length === 0) return at("other", name);
  return at("other", "trials", trialsOf("other")[trialsOf("whole").indexOf(trial)] as string, ...rest);
};

const lay = (): void => {
  rmSync(at("bench"), { recursive: true, force: true });
  cpSync(at("whole"), at("bench"), { recursive: true });
};

async function told(cases: readonly { readonly name: string; readonly word: string; readonly make: () => void }[]) {
  const outcomes = new Map<string, Outcome>();
  for (const { name, word, make } of chosen(cases)) {
    lay();
    make();
    outcomes.set(`${name} ${word}`, await outcomeOf(compared, whole));
  }
  const { told, bad } = tally(outcomes);
  if ("DAMAGE" in process.env) console.log(told);
  return bad;
}

it(
  "a finished comparison whose files were harmed gives the same again, or is refused in one line",
  { timeout },
  async () => {
    const names = filesIn(at("whole")).filter((name) => !name.includes("checkpoint"));
    const cases = names.flatMap((name) =>
      harmsOf(name).map(([word, harm]) => ({ name, word, make: () => harm(at("bench", name), otherOf(name)) })),
    );
    expect(await told(cases)).toEqual([]);
  },
);

it("so does one that was stopped in its last trial, whose files were harmed", { timeout }, async () => {
  const last = trialsOf("whole").at(-1) as string;
  const names = filesIn(at("whole", "trials", last)).filter((name) => name !== "result.json");
  const cases = names.flatMap((file) => {
    const name = join("trials", last, file);
    return harmsOf(name).map(([word, harm]) => ({
      name,
      word,
      make() {
        for (const gone of ["summary.json", "results.jsonl", `trials/${last}/result.json`]) rmSync(at("bench", gone));
        harm(at("bench", name), otherOf(name));
      },
    }));
  });
  expect(await told(cases)).toEqual([]);
});

it("the report of harmed results is the same, or refused in one line", { timeout }, async () => {
  const page = await buildReport(readSweep(at("whole")));
  const outcomes = new Map<string, Outcome>();
  for (const name of ["summary.json", "results.jsonl"])
    for (const [word, harm] of harmsOf(name)) {
      lay();
      harm(at("bench", name), at("other", name));
      outcomes.set(`${name} ${word}`, await outcomeOf(async () => buildReport(readSweep(at("bench"))), page));
    }
  const { told: said, bad } = tally(outcomes);
  if ("DAMAGE" in process.env) console.log(said);
  expect(existsSync(at("bench", "trials"))).toBe(true);
  expect(bad).toEqual([]);
});
