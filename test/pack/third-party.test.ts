/** test/third-party, a project outside the workspace, with our packages installed as its author would get them. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gradpool, type PoolAnswer } from "../cli/gradpool.js";
import { npmInstall, packAll, root, run, temporaryFolder } from "./workspace.js";

const tarballs = temporaryFolder("tarballs");
const project = temporaryFolder("third-party");
const file = (name: string): string => join(project.path, name);

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies: Record<string, string>;
}

beforeAll(() => {
  const packed = packAll(tarballs.path);
  cpSync(join(root, "test", "third-party"), project.path, { recursive: true });
  const manifest = JSON.parse(readFileSync(file("package.json"), "utf8")) as Manifest;
  for (const name of Object.keys(manifest.devDependencies)) manifest.devDependencies[name] = `file:${packed.get(name)}`;
  writeFileSync(file("package.json"), JSON.stringify(manifest));
  npmInstall(project.path);
}, 600_000);

afterAll(() => {
  project.dispose();
  tarballs.dispose();
});

const request = {
  gradients: [
    [3, 4],
    [0, 0.5],
    [0, 0],
  ],
};

async function pool(requests: readonly object[]): Promise<{ code: number | null; answers: readonly PoolAnswer[] }> {
  const specs = requests.map((one) => String((one as { readonly method?: unknown }).method).split("(")[0] as string);
  const allow = [...new Set(specs)].flatMap((spec) => ["--allow", spec]);
  const { code, stdout } = await gradpool(["pool", ...allow], { cwd: project.path, input: JSON.stringify(requests) });
  return { code, answers: JSON.parse(stdout) as readonly PoolAnswer[] };
}

describe("a third party's pool", () => {
  it("imports nothing but types", () => {
    const text = readFileSync(file("even-norm.js"), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
    expect(text).not.toMatch(/\bimport\b|\brequire\b/);
  });

  it("type-checks against the published types of core", () => {
    expect(run("tsc", ["-p", "."], project.path)).toBe("");
  });

  it("passes the testkit under node:test", () => {
    const output = run(process.execPath, ["--test", "--test-reporter=tap"], project.path);
    expect(output).toMatch(/^# fail 0$/m);
    expect(Number(/^# pass (\d+)$/m.exec(output)?.[1])).toBeGreaterThan(10);
  });

  it("runs through gradpool pool by its path, with options", async () => {
    const { code, answers } = await pool([
      { ...request, method: "./even-norm.js" },
      { ...request, method: "./even-norm.js(power=0.5)" },
      { ...request, method: "./even-norm.js:even-norm", options: { power: 0 } },
    ]);
    expect(code).toBe(0);
    const combined = answers.map((answer) => answer.output?.[0]?.combined as readonly number[]);
    const even = Math.sqrt(2.5); // the geometric mean of 5 and 0.5
    expect(combined[0]?.[0]).toBeCloseTo(0.6 * even, 12);
    expect(combined[0]?.[1]).toBeCloseTo(0.8 * even + even, 12);
    expect(answers[1]?.options).toEqual({ power: 0.5 });
    expect(combined[2]).toEqual([3, 4.5]);
  });

  it("runs by the name of an installed package", async () => {
    cpSync(file("even-norm.js"), file("node_modules/gradpool-even-norm/even-norm.js"));
    cpSync(file("package.json"), file("node_modules/gradpool-even-norm/package.json"));
    const { code, answers } = await pool([{ ...request, method: "gradpool-even-norm" }]);
    expect(code).toBe(0);
    expect(answers[0]?.output?.[0]?.weights).toHaveLength(3);
    const listed = await gradpool(["methods", "gradpool-even-norm", "--json"], { cwd: project.path });
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { name: "even-norm", options: { power: { range: "a number in [0, 1]" } } },
    ]);
  });

  it("may be a bare function, with or without a name", async () => {
    const body = `(options) => ({ spec: 1, name: "first", options, needs: "gram", granularity: "model", level: "parameters",
      init: () => 0, pool: (gradients, context, steps) => ({ combined: gradients.combine({ granularity: "model", weights: [1, 0, 0] }), state: steps + 1 }) })`;
    writeFileSync(file("named.js"), `export const createPool = ${body};\nexport const other = () => 1;\n`);
    writeFileSync(file("default.js"), `export default ${body};\n`);
    writeFileSync(file("single.js"), `export const first = ${body};\n`);
    const { code, answers } = await pool(
      ["./named.js", "./default.js", "./single.js"].map((method) => ({ ...request, method })),
    );
    expect(code).toBe(0);
    for (const answer of answers) expect(answer.output?.[0]?.combined).toEqual([3, 4]);
  });

  it("gets one clear error for what is wrong with it", async () => {
    writeFileSync(
      file("future.js"),
      `export const createPool = () => ({ spec: 2, name: "future", init() {}, pool() {} });\n`,
    );
    writeFileSync(file("future-method.js"), `export const methods = [{ spec: 9, name: "future", create() {} }];\n`);
    writeFileSync(file("nothing.js"), "export const answer = 42;\n");
    writeFileSync(file("half.js"), `export const createPool = () => ({ spec: 1, name: "half" });\n`);
    writeFileSync(file("broken.js"), "export const = 1;\n");
    writeFileSync(file("common.cjs"), `import { ok } from "node:assert";\n`);
    writeFileSync(file("alone.js"), `import "@gradpool/nowhere";\n`);
    writeFileSync(file("throws.js"), `export const createPool = () => { throw new RangeError("no such luck"); };\n`);
    const wrong = [
      ["./future.js", "version", "protocol version 2", "update @gradpool/registry"],
      ["./future-method.js", "version", "protocol version 9", "update @gradpool/registry"],
      ["./nothing.js", "invalid-input", "no pool among its exports", "createPool"],
      ["./half.js", "invalid-input", "init and pool", "createPool"],
      ["./broken.js", "failed", "cannot be loaded", "mend"],
      ["./common.cjs", "failed", "cannot be loaded", "end its name in .mjs"],
      ["./alone.js", "failed", "@gradpool/nowhere", "install what it imports"],
      ["./throws.js", "failed", "no such luck", "/throws.js:1:41"],
      ["./even-norm.js(power=2)", "invalid-option", "power is 2", "[0, 1]"],
      ["./even-norm.js:odd-norm", "unknown-method", "odd-norm", "./even-norm.js:even-norm"],
      ["gradpool-not-installed", "unknown-method", "gradpool-not-installed", "installed package"],
    ] as const;
    const { code, answers } = await pool([
      ...wrong.map(([method]) => ({ ...request, method })),
      { ...request, method: "./even-norm.js" },
    ]);
    expect(code).toBe(1);
    wrong.forEach(([method, errorCode, ...says], k) => {
      expect(answers[k]?.error?.code, method).toBe(errorCode);
      for (const word of says) expect(answers[k]?.error?.message, method).toContain(word);
    });
    expect(answers.at(-1)?.output).toHaveLength(1);
  });
});
