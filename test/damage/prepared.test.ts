import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { prepare } from "@gradpool/data";
import { thisProcess } from "@gradpool/files";
import { train } from "@gradpool/runs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chosen, filesIn, harmsOf, type Outcome, outcomeOf, tally } from "./harm.js";

let folder = "";
const at = (...names: readonly string[]): string => join(folder, ...names);
const make = (out: string, seed: number, force = false) =>
  prepare({
    format: "csv",
    input: at("rows.csv"),
    columns: { user: "user", item: "item", value: "stars", category: "kind" },
    split: "random:0.6,0.2,0.2",
    out: at(out),
    seed,
    force,
  });
const trained = async (): Promise<object> => {
  const config = { data: at("set"), tasks: ["target"], epochs: 1, batch: 64, metrics: ["ndcg@10"] };
  const { result, dataHash } = await train({ config, out: at("run") });
  return { result, dataHash };
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-damage-"));
  const rows = Array.from({ length: 600 }, (_, k) => `u${k % 40},i${(k * 7) % 31},${1 + (k % 5)},c${k % 4}`);
  writeFileSync(at("rows.csv"), `user,item,stars,kind\n${rows.join("\n")}\n`);
  await make("whole", 1);
  await make("other", 2);
});
/** All of it takes minutes. */
const timeout = "DAMAGE" in process.env ? 3_600_000 : 120_000;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lay = (): void => {
  for (const name of ["set", "run"]) rmSync(at(name), { recursive: true, force: true });
  cpSync(at("whole"), at("set"), { recursive: true });
};
const bits = (): readonly (readonly [string, string])[] =>
  filesIn(at("set")).map((name) => [name, readFileSync(at("set", name)).toString("base64")] as const);

it(
  "a prepared set whose files were harmed is refused in one line, by training and by what replaces it, or is as it was",
  { timeout },
  async () => {
    lay();
    const whole = await trained();
    const same = bits();
    const outcomes = new Map<string, Outcome>();
    const cases = filesIn(at("whole")).flatMap((name) => harmsOf(name).map(([word, harm]) => ({ name, word, harm })));
    for (const { name, word, harm } of chosen(cases)) {
      lay();
      harm(at("set", name), at("other", name));
      outcomes.set(`train, ${name} ${word}`, await outcomeOf(trained, whole));
      expect(existsSync(at("run", "result.json")), `${name} ${word}`).toBe(
        outcomes.get(`train, ${name} ${word}`) === "the same",
      );
      const replaced = async (): Promise<unknown> => (await make("set", 1, true), bits());
      outcomes.set(`prepare --force, ${name} ${word}`, await outcomeOf(replaced, same));
    }
    const { told, bad } = tally(outcomes);
    if ("DAMAGE" in process.env) console.log(told);
    expect(bad).toEqual([]);
  },
);

it(
  "what a killed replacement left, harmed too, is put back and refused in one line, or is as it was",
  { timeout },
  async () => {
    lay();
    const whole = await trained();
    const same = bits();
    const left = at(".set.partial-4190000-abcdef");
    writeFileSync(at("running.json"), JSON.stringify(thisProcess()));
    const names = ["owner.json", "set.old/manifest.json", "set.old/users.parquet", "set/manifest.json"];
    const cases = names.flatMap((name) => harmsOf(name).map(([word, harm]) => ({ name, word, harm })));
    const outcomes = new Map<string, Outcome>();
    for (const { name, word, harm } of chosen(cases)) {
      for (const [use, work] of [
        ["train", trained],
        ["prepare --force", async () => (await make("set", 1, true), bits())],
      ] as const) {
        lay();
        cpSync(at("whole"), join(left, "set"), { recursive: true });
        renameSync(at("set"), join(left, "set.old"));
        writeFileSync(join(left, "owner.json"), JSON.stringify({ ...thisProcess(), pid: 4_190_000, started: "1" }));
        harm(join(left, name), name === "owner.json" ? at("running.json") : at("other", basename(name)));
        outcomes.set(`${use}, ${name} ${word}`, await outcomeOf(work, use === "train" ? whole : same));
        rmSync(left, { recursive: true, force: true });
      }
    }
    const { told, bad } = tally(outcomes);
    if ("DAMAGE" in process.env) console.log(told);
    expect(bad).toEqual([]);
  },
);
