/** The lint rule for the arrows of the house refuses what it is there for. */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { root, temporaryFolder } from "./pack/workspace.js";

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((folder) => folder.dispose()));

/** Runs the check over a small house with these files: its exit code and what it says. */
async function check(files: Readonly<Record<string, string>>): Promise<{ code: number; said: string }> {
  const folder = temporaryFolder("arrows");
  made.push(folder);
  const tsconfig = { compilerOptions: { module: "NodeNext", moduleResolution: "NodeNext", paths: paths() } };
  for (const [path, text] of Object.entries({ "tsconfig.json": JSON.stringify(tsconfig), ...files })) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
  try {
    await promisify(execFile)(process.execPath, [join(root, "tooling", "arrows.mjs"), folder.path]);
    return { code: 0, said: "" };
  } catch (error) {
    const { code, stderr } = error as { readonly code: number; readonly stderr: string };
    return { code, said: stderr };
  }
}

const paths = (): unknown => ({ "@gradpool/*": ["./packages/*/src/index.ts", "./packages/methods/*/src/index.ts"] });

describe("the check of the arrows", () => {
  it("lets a house in order pass", async () => {
    const { code } = await check({
      "packages/core/src/index.ts": 'export * from "./pool.js";\nexport * from "./gram/gram.js";\n',
      "packages/core/src/pool.ts": "export interface Pool { readonly name: string }\n",
      "packages/core/src/gram/gram.ts": 'import type { Pool } from "../pool.js";\nexport type Gram = Pool;\n',
      "packages/methods/ew/src/index.ts": 'import type { Pool } from "@gradpool/core";\nexport type Ew = Pool;\n',
    });
    expect(code).toBe(0);
  });

  it("refuses two files that import each other, if only types", async () => {
    const { code, said } = await check({
      "packages/core/src/a.ts": 'import type { B } from "./b.js";\nexport type A = B | 1;\n',
      "packages/core/src/b.ts": 'import type { A } from "./a.js";\nexport type B = A | 2;\n',
    });
    expect(code).toBe(1);
    expect(said).toMatch(/files in a circle: packages\/core\/src\/[ab]\.ts → packages\/core\/src\/[ab]\.ts/);
  });

  it("refuses folders that import each other through different files, parents included", async () => {
    const { code, said } = await check({
      "packages/data/src/index.ts": 'export * from "./formats/csv.js";\nexport * from "./load.js";\n',
      "packages/data/src/load.ts": 'import { lines } from "./tables/lines.js";\nexport const load = lines;\n',
      "packages/data/src/errors.ts": "export const wrong = 1;\n",
      "packages/data/src/tables/lines.ts": 'import { wrong } from "../errors.js";\nexport const lines = wrong;\n',
      "packages/data/src/formats/csv.ts": 'import { load } from "../load.js";\nexport const csv = load;\n',
    });
    expect(code).toBe(1);
    expect(said).toContain("folders in a circle: packages/data/src, packages/data/src/tables");
    expect(said).not.toContain("files in a circle");
  });

  it.each([
    ["core", "trainer", "packages/core", "packages/trainer"],
    ["trainer", "pcgrad", "packages/trainer", "packages/methods/pcgrad"],
    ["pcgrad", "ew", "packages/methods/pcgrad", "packages/methods/ew"],
    ["report", "runs", "packages/report", "packages/runs"],
  ])("refuses an arrow from %s to %s", async (_from, to, source, target) => {
    const { code, said } = await check({
      [`${source}/src/index.ts`]: `import { thing } from "@gradpool/${to}";\nexport const other = thing;\n`,
      [`${target}/src/index.ts`]: "export const thing = 1;\n",
    });
    expect(code).toBe(1);
    expect(said).toContain(`an arrow against the house: ${source}/src/index.ts → ${target}/src/index.ts`);
  });

  it("lets the report read the bench's types and nothing that runs", async () => {
    const house = (line: string) => ({
      "packages/report/src/index.ts": `${line}\n`,
      "packages/bench/src/index.ts": "export const bench = 1;\nexport type Summary = 1;\n",
    });
    expect((await check(house('export type { Summary } from "@gradpool/bench";'))).code).toBe(0);
    expect((await check(house('export { bench } from "@gradpool/bench";'))).code).toBe(1);
  });

  it("refuses a package that is in no list", async () => {
    const { code, said } = await check({
      "packages/extra/src/index.ts": 'import { thing } from "@gradpool/core";\nexport const other = thing;\n',
      "packages/core/src/index.ts": "export const thing = 1;\n",
    });
    expect(code).toBe(1);
    expect(said).toContain("in no list of arrows");
  });
});
