/** Data in which each row is a user of its own, whose ids say nothing: the census of UCI. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "@gradpool/core";
import { prepare } from "@gradpool/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { comparedRuns, judgeRun } from "../src/open/compare.js";
import { openRun } from "../src/open/open-run.js";
import { train } from "../src/run/train.js";

const folder = mkdtempSync(join(tmpdir(), "gradpool-nameless-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = "age,workclass,fnlwgt,education,education-num,marital-status,occupation,relationship,race,sex,capital-gain,capital-loss,hours-per-week,native-country"; // prettier-ignore

beforeAll(async () => {
  const random = createRandom(4, 1);
  const of = (words: readonly string[]): string => words[Math.floor(words.length * random.uniform())] as string;
  const row = (): readonly string[] => {
    const hours = Math.floor(20 + 40 * random.uniform());
    const rich = random.uniform() < hours / 80 ? ">50K" : "<=50K";
    return [String(hours), of(["Private", "?"]), "1", of(["11th", "BSc"]), "9", of(["Never-married", "Divorced"]), of(["Sales", "?"]), "Own-child", "White", of(["Male", "Female"]), "0", "0", String(hours), "Cuba", rich]; // prettier-ignore
  };
  const tested = Array.from({ length: 80 }, row);
  mkdirSync(at("census"));
  writeFileSync(at("census/adult.data"), `${Array.from({ length: 200 }, row).map((cells) => cells.join(", ")).join("\n")}\n`); // prettier-ignore
  writeFileSync(at("census/adult.test"), `|1x3 Cross validator\n${tested.map((cells) => `${cells.join(", ")}.`).join("\n")}\n`); // prettier-ignore
  const table = tested.map((cells) => [...cells.slice(0, -1), cells.at(-1) === ">50K" ? "1" : "0"].join(","));
  writeFileSync(at("rows.csv"), `${names},income\n${table.join("\n")}\n`);
  await prepare({ format: "census", input: [at("census")], out: at("set") });
  for (const epochs of [1, 3])
    await train({ config: { data: at("set"), model: "click(dim=4,trunk=8,head=4)", epochs, batch: 64, lr: 0.02, backend: "cpu", metrics: ["auc"] }, out: at(`run-${epochs}`), onNote: () => undefined }); // prettier-ignore
}, 60_000);

describe("rows of nobody in particular", () => {
  it("are judged from a file without columns of ids, each as a user of its own, as the test part is", async () => {
    const judged = [];
    for (const name of ["run-1", "run-3"]) {
      const run = await openRun(at(name));
      const fromFile = await judgeRun(run, name, { file: at("rows.csv") }, {});
      const { values, users } = fromFile.evaluation.tasks["income"]!;
      const own = (await run.evaluate()).tasks["income"];
      expect(values["auc"]).toBeCloseTo(own?.values["auc"] as number, 6);
      expect([users?.length, own?.users?.length]).toEqual([80, 80]);
      judged.push(fromFile);
      run.dispose();
    }
    const [{ lower, upper, p, users } = { lower: NaN, upper: NaN, p: NaN, users: 0 }] = comparedRuns(judged);
    expect(users).toBe(80);
    expect(lower < upper && p >= 0 && p <= 1).toBe(true);
  });
});
