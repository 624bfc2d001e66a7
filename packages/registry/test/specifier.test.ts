import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askPool, type JsonObject, poolContext, startPool, taskGradients, taskSet } from "@gradpool/core";
import { afterAll, describe, expect, it } from "vitest";
import { answerRequest } from "../src/request/answer.js";
import { loadPool } from "../src/specifier/load.js";
import { parseSpecifier } from "../src/specifier/parse.js";
import { splitPools } from "../src/specifier/split.js";

describe("a pool specifier", () => {
  it.each([
    ["pcgrad", [{ name: "pcgrad", options: {} }], undefined],
    [
      "metabalance(relax=0.5,strategy=both)",
      [{ name: "metabalance", options: { relax: 0.5, strategy: "both" } }],
      undefined,
    ],
    ["cagrad(c=0.4)#row", [{ name: "cagrad", options: { c: 0.4, granularity: "row" } }], undefined],
    ["pcgrad@representation", [{ name: "pcgrad", options: {} }], "representation"],
    [
      "metabalance(relax=0.5,strategy=both)+pcgrad(against=target)@representation#row",
      [
        { name: "metabalance", options: { relax: 0.5, strategy: "both" } },
        { name: "pcgrad", options: { against: "target", granularity: "row" } },
      ],
      "representation",
    ],
    [
      "a( x = 1e-10 , y=true,z=null, w=[1, 2.5] )",
      [{ name: "a", options: { x: 1e-10, y: true, z: null, w: [1, 2.5] } }],
      undefined,
    ],
    ['a(x="with, (marks)")', [{ name: "a", options: { x: "with, (marks)" } }], undefined],
    ["a()", [{ name: "a", options: {} }], undefined],
    ["./my-pool.js(k=2)@losses", [{ name: "./my-pool.js", options: { k: 2 } }], "losses"],
    [
      "../pools/all.js:mine#parameter",
      [{ name: "../pools/all.js:mine", options: { granularity: "parameter" } }],
      undefined,
    ],
    ["@scope/pool@representation", [{ name: "@scope/pool", options: {} }], "representation"],
    [
      "pcgrad+@scope/pool",
      [
        { name: "pcgrad", options: {} },
        { name: "@scope/pool", options: {} },
      ],
      undefined,
    ],
    ['"./odd+name#1.js"(k=2)', [{ name: "./odd+name#1.js", options: { k: 2 } }], undefined],
  ])("%s is read", (text, links, level) => {
    expect(parseSpecifier(text)).toEqual({ text, links, ...(level === undefined ? {} : { level }) });
  });

  it.each([
    ["", /without a name.*character 1\)/],
    ["+pcgrad", /without a name/],
    ["pcgrad+", /without a name.*character 8/],
    ["pcgrad(", /without name=value/],
    ["pcgrad(against)", /without name=value/],
    ["pcgrad(against=)", /against has no value/],
    ["pcgrad(against=all", /closing parenthesis/],
    ["pcgrad(against=all,against=target)", /against is given twice/],
    ["pcgrad(against=all) ", /not expected/],
    ["pcgrad#rows", /unknown granularity rows.*did you mean row\?/],
    ["pcgrad#row#row", /granularity is given twice/],
    ["pcgrad@top", /unknown level top.*losses \| representation \| parameters/],
    ["pcgrad@losses@losses", /level is given twice/],
    ["pcgrad@losses+ew", /level inside a chain/],
    ["a(w=[1,)", /w has no value|cannot be read/],
  ])("%j is refused, with the place", (text, message) => {
    expect(() => parseSpecifier(text)).toThrow(message);
  });

  it("becomes a pool with its options resolved, and its level", async () => {
    const { pool, level } = await loadPool("metabalance(relax=0.5)#row@representation");
    expect(pool).toMatchObject({ name: "metabalance", granularity: "row", options: { relax: 0.5, beta: 0.9 } });
    expect(level).toBe("representation");
  });

  it("becomes a chain, left to right", async () => {
    const { pool, level } = await loadPool("metabalance+pcgrad(against=target)");
    expect(pool.name).toBe("metabalance+pcgrad");
    expect(level).toBeUndefined();
  });

  it("takes options from beside it, unless they contradict", async () => {
    const { pool } = await loadPool("pcgrad(reduction=mean)", { options: { against: "target", reduction: "mean" } });
    expect(pool.options).toMatchObject({ reduction: "mean", against: "target" });
    await expect(loadPool("pcgrad(reduction=mean)", { options: { reduction: "sum" } })).rejects.toThrow(/give it once/);
    await expect(loadPool("ew+pcgrad", { options: { reduction: "sum" } })).rejects.toThrow(/each link/);
    await expect(loadPool("ew+pcgrad", { options: {} })).resolves.toHaveProperty("pool");
  });

  it("names the nearest methods if there is none of that name", async () => {
    await expect(loadPool("metabalanse")).rejects.toMatchObject({
      code: "unknown-method",
      remedy: expect.stringContaining("did you mean metabalance") as unknown,
    });
    await expect(loadPool("xyzzy")).rejects.toMatchObject({
      remedy: expect.stringContaining("the methods are ") as unknown,
    });
  });
});

describe("a list of specifiers", () => {
  it("splits pools at commas outside parentheses", () => {
    expect(splitPools("ew, metabalance(relax=0.5,strategy=both)+pcgrad,./a.js")).toEqual([
      "ew",
      "metabalance(relax=0.5,strategy=both)+pcgrad",
      "./a.js",
    ]);
  });
});

describe("a wrong answer of a pool from a file", () => {
  const cwd = mkdtempSync(join(tmpdir(), "gradpool-answer-"));
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));
  const raw = (answer: string): string =>
    `export const createPool = () => ({ spec: 1, name: "mine", options: {}, needs: "norms", granularity: "model", init: () => null, pool: (gradients, context, state) => ${answer} });`;
  const combined = (weights: string): string =>
    raw(`({ combined: gradients.combine({ granularity: "model", weights: ${weights} }), state })`);
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["too few weights", combined("new Float64Array(1)"), /^1 weights per model \(combine, mine, step 3, \.\/.*give 2/],
    ["a weight of NaN", combined("Float64Array.of(1, NaN)"), /^the weight of task task1 is NaN \(mine, step 3, \.\//],
    ["no answer", raw("undefined"), /^the answer is undefined \(mine, step 3, \.\//],
    ["a text thrown", raw('(() => { throw "no"; })()'), /^thrown: no \(mine, step 3, \.\//],
    ["an error thrown", raw("context.nothing.there"), /^TypeError: .* \(mine, step 3, \/.*\.js:1:\d+\)/],
  ];

  it.each(cases)("says which file: %s", async (name, code, line) => {
    const file = `./${name.replaceAll(" ", "-")}.js`;
    writeFileSync(join(cwd, file), code);
    const { pool } = await loadPool(file, { cwd });
    const values = [Float64Array.of(1, 2), Float64Array.of(3, 4)];
    const gradients = taskGradients({ parameters: [{ name: "w", values }] });
    const context = poolContext({ tasks: taskSet(2), step: 3 });
    expect(() => askPool(pool, gradients, context, startPool(pool, taskSet(2)))).toThrow(line);
    const alone = answerRequest({ value: { method: file, seed: 1, gradients: [[1], [2]] } }, { cwd, allow: [file] });
    expect(await alone).toMatchObject({ error: { message: expect.stringMatching(/mine, step 1, /) as string } });
  });
});

describe("a specifier that came as data", () => {
  const cwd = mkdtempSync(join(tmpdir(), "gradpool-allow-"));
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));
  const code = `globalThis.poolRan = (globalThis.poolRan ?? 0) + 1;
export const createPool = () => ({ spec: 1, name: "mine", options: {}, needs: "gram", init: () => null, pool: () => null });\n`;
  for (const file of ["mine.js", "other.js"]) writeFileSync(join(cwd, file), code);
  mkdirSync(join(cwd, "node_modules", "their-pool"), { recursive: true });
  writeFileSync(join(cwd, "node_modules", "their-pool", "index.js"), code);
  writeFileSync(
    join(cwd, "node_modules", "their-pool", "package.json"),
    JSON.stringify({ name: "their-pool", type: "module", exports: "./index.js" }),
  );
  const ran = (): number => (globalThis as { poolRan?: number }).poolRan ?? 0;

  it.each(["./mine.js", "their-pool", "./mine.js:createPool", '"./mine.js"(k=2)'])(
    "does not run the code of %s unless it is allowed",
    async (text) => {
      const before = ran();
      await expect(loadPool(text, { cwd, allow: [] })).rejects.toMatchObject({
        code: text === "their-pool" ? "unknown-method" : "usage",
      });
      await expect(loadPool(text, { cwd, allow: ["./other.js", "mine.js"] })).rejects.toThrow(/only data names/);
      expect(ran()).toBe(before);
      await expect(loadPool(text, { cwd, allow: ["./mine.js", "their-pool"] })).resolves.toHaveProperty("pool");
      await expect(loadPool(text, { cwd })).resolves.toHaveProperty("pool");
    },
  );

  it("is refused in the same words whether or not what it names is there", async () => {
    const said = async (text: string): Promise<string> => {
      const error: unknown = await loadPool(text, { cwd, allow: [] }).catch((cause: unknown) => cause);
      return (error as Error).message;
    };
    const same = async (there: string, gone: string): Promise<void> => {
      expect((await said(gone)).replaceAll(gone, "X")).toBe((await said(there)).replaceAll(there, "X"));
    };
    await same("./mine.js", "./gone.js");
    await same("their-pool", "no-pool-of-anybody");
    await same(join(cwd, "mine.js"), "/etc/passwd");
  });

  it("allows a path however it is written", async () => {
    await expect(loadPool("./mine.js", { cwd, allow: [join(cwd, "mine.js")] })).resolves.toHaveProperty("pool");
    await expect(loadPool("./sub/../mine.js", { cwd, allow: ["./mine.js"] })).resolves.toHaveProperty("pool");
    await expect(loadPool("./other.js", { cwd, allow: ["./mine.js"] })).rejects.toThrow(/only data names/);
  });

  it("names methods of ours and packages of our scope without asking", async () => {
    await expect(loadPool("pcgrad+ew", { cwd, allow: [] })).resolves.toHaveProperty("pool");
    await expect(loadPool("@gradpool/not-there", { cwd, allow: [] })).rejects.toMatchObject({ code: "unknown-method" });
  });

  it.each([
    '"data:text/javascript,globalThis.poolRan=99;export default()=>({})"',
    '"file:///tmp/mine.js"',
    '"https://localhost/mine.js"',
    '"node:fs"',
    "fs",
    "child_process",
    '"node:child_process:exec"',
  ])("%s is no pool, whoever asks", async (text) => {
    await expect(loadPool(text, { cwd })).rejects.toMatchObject({ code: "usage" });
    await expect(loadPool(text, { cwd, allow: [text, text.replaceAll('"', "")] })).rejects.toThrow(/is no pool/);
    expect(ran()).not.toBe(99);
  });

  it.each(["__proto__", "constructor", "toString"])("has no option %s", async (key) => {
    const options = JSON.parse(`{ "${key}": { "reduction": "mean" } }`) as JsonObject;
    await expect(loadPool("pcgrad", { options, allow: [] })).rejects.toMatchObject({ code: "unknown-option" });
    const request = JSON.parse(`{ "method": "pcgrad", "${key}": 1, "gradients": [[1], [2]] }`) as JsonObject;
    expect(await answerRequest({ value: request })).toMatchObject({ error: { code: "invalid-input" } });
  });
});
