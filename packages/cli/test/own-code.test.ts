/** Pools and models of the user's own, written by hand, that throw or answer with nothing: the one line leads to their file. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gradpool } from "../../../test/cli/gradpool.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-own-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A pool as an object, without `definePool`; the rule stands in line 4. */
const pool = (init: string, rule: string): string => `export const createPool = () => ({
  spec: 1, name: "mine", options: {}, needs: "norms", granularity: "model", level: "parameters",
  init: () => ${init},
  pool: (gradients, context, state) => ${rule},
});`;
const model = (
  make: string,
): string => `export const workloads = [{ spec: 1, name: "mine", summary: "", options: {}, metrics: ["ndcg@10"],
  allTasks: (facts) => facts.tasks.behaviors,
  make: () => ${make},
}];`;

const cases: readonly (readonly [string, string, string, RegExp])[] = [
  ["pool", "throws in pool", pool("null", "context.nothing.there"), /\(mine, step 1, .*own\.js:4:\d+\): the pool's own/],
  ["pool", "throws in init", pool("undefined.x", "null"), /\(mine, .*own\.js:3:\d+\): the pool's own code/],
  ["pool", "throws a text", pool("null", '(() => { throw "no"; })()'), /thrown: no \(mine, step 1, \.\/own\.js\): /],
  ["pool", "weighs with NaN", pool("null", "({ combined: gradients.combine({ granularity: 'model', weights: new Float64Array(4).fill(NaN) }), state })"), /the weight of task buy is NaN \(mine, step 1, \.\/own\.js\): answer with finite/],
  ["model", "throws a text in make", model('(() => { throw "no"; })()'), /thrown: no \(\.\/own\.js\): code of your own threw this/],
  ["pool", "answers with nothing", pool("null", "undefined"), /the answer is undefined \(mine, step 1, \.\/own\.js\): return \{ comb/],
  ["pool", "combines nothing", pool("null", "({ combined: {}, state })"), /is \{ combined: an object, state: null \} \(m/],
  ["pool", "throws when made", "export const createPool = () => null.x;", /null.*own\.js:1:\d+\): code of your own/],
  ["model", "throws in make", model("undefined.x"), /\(reading 'x'\) \(.*own\.js:3:\d+\): code of your own threw/],
  ["model", "makes nothing", model("({})"), /has no model, no feed, no evaluation \(model mine, make\): return/],
]; // prettier-ignore

describe("code of the user's own", () => {
  it.each(cases)("%s: %s", async (kind, _, code, line) => {
    writeFileSync(join(folder, "own.js"), code);
    const args = [
      "train",
      "--data",
      "shop(users=60,items=50)",
      "--epochs",
      "1",
      "--out",
      "run",
      `--${kind}`,
      "./own.js",
    ];
    const { stderr } = await gradpool(args, { cwd: folder });
    const last = stderr.trim().split("\n").at(-1);
    expect(last).toMatch(line);
    expect(last).not.toMatch(/internal error/);
  });

  it("is named in answers to requests as well", async () => {
    writeFileSync(join(folder, "own.js"), pool("null", "context.nothing.there"));
    const input = JSON.stringify({ method: "./own.js", gradients: [[1, 0], [0, 1]] }); // prettier-ignore
    const { stdout } = await gradpool(["pool", "--allow", "./own.js"], { cwd: folder, input });
    expect(JSON.parse(stdout)).toMatchObject({
      error: { message: expect.stringMatching(/\(mine, step 1, .*own\.js:4:\d+\)/) },
    });
  });
});
