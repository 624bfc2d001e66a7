/** `npm run new -- made-up`, on a copy of the workspace: one command, and every check and list has the new package. */
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root, run, temporaryFolder } from "./pack/workspace.js";

const copy = temporaryFolder("new");
const folder = "packages/methods/made-up";
/** What is not copied: built packages are, and so is what a build generates among sources. */
const left = /(^|[\\/])(node_modules|\.git|\.turbo|test[\\/]generated)$|^(runs|coverage)$/;
let files: readonly string[] = [];

const read = (path: string): string => readFileSync(join(copy.path, path), "utf8");
const node = (...args: readonly string[]): string => run(process.execPath, args, copy.path);

/** A check of the copy, by the copy's own tools. */
const check = (command: string, ...args: readonly string[]): string =>
  run(join(copy.path, "node_modules", ".bin", command), args, copy.path);

beforeAll(() => {
  cpSync(root, copy.path, { recursive: true, filter: (path) => !left.test(relative(root, path)) });
  run("pnpm", ["install", "--frozen-lockfile", "--prefer-offline", "--ignore-scripts"], copy.path, { CI: "true" });
  const printed = node("tooling/new-method.mjs", "made-up");
  files = printed.split("\n\n")[0]?.split("\n") ?? [];
}, 600_000);
afterAll(() => copy.dispose());

// Each runs whole programs over the copy: a guard against what hangs, on a busy machine too.
describe("a new method package", { timeout: 600_000 }, () => {
  it("is named in every list, with its changeset", () => {
    expect(files).toEqual(
      expect.arrayContaining([
        `${folder}/src/index.ts`,
        `${folder}/package.json`,
        "README.md",
        "docs/choose-a-method.md",
      ]),
    );
    for (const file of files) expect(existsSync(join(copy.path, file)), file).toBe(true);
    expect(read("README.md")).toContain(`- [\`made-up\`](${folder}): `);
    expect(read("docs/choose-a-method.md")).toContain(`| [\`made-up\`](../${folder}/README.md) `);
    expect(read(".changeset/made-up-first.md")).toContain('"@gradpool/made-up": minor');
  });

  it("is known to the command at once, and works in it", () => {
    expect(check("gradpool", "methods")).toMatch(/^made-up +@gradpool\/made-up 0\.1\.0 /m);
    expect(check("gradpool", "methods", "made-up")).toMatch(/^strength +1 +a number in \[0, 1\]/m);
    writeFileSync(join(copy.path, "request.json"), '{ "method": "made-up", "gradients": [[3, 4], [0, 15]] }');
    expect(JSON.parse(check("gradpool", "pool", "--input", "request.json", "--json"))).toMatchObject({
      output: [{ combined: [expect.closeTo(6, 12), expect.closeTo(18, 12)] }],
    });
  });

  it("leaves nothing stale, and passes format, lint, arrows, unused code and sizes", () => {
    node("tooling/sync.mjs", "--check");
    node("tooling/arrows.mjs");
    check("prettier", "--check", ...files);
    check("oxlint", "--deny-warnings", folder);
    check("knip", "--no-progress", "--no-config-hints");
    expect(check("size-limit")).toContain("@gradpool/made-up");
  });

  it("is sound in its types, and in the API reference", () => {
    const own = { extends: "./tsconfig.json", include: [`${folder}/src`, `${folder}/test`] };
    writeFileSync(join(copy.path, "tsconfig.made-up.json"), JSON.stringify(own));
    expect(check("tsc", "--noEmit", "-p", "tsconfig.made-up.json")).toBe("");
    check("typedoc", "--emit", "none", "--treatWarningsAsErrors", "--entryPoints", `${folder}/src/index.ts`);
  });

  it("passes its own tests, and those of its README and of the lists", () => {
    check("vitest", "run", folder);
    const files = ["readmes", "docs", "root-docs"].map((name) => `test/${name}.test.ts`);
    check("vitest", "run", ...files, "-t", "made-up|choose among all methods|names the seven methods");
  });

  it("builds into a package that publint accepts", async () => {
    const { messages } = await publint({ pkgDir: join(copy.path, folder), pack: false, strict: true });
    expect(messages).toEqual([]);
  });

  it("needs a name that is free, of lower-case words", () => {
    expect(() => node("tooling/new-method.mjs", "made-up")).toThrow(/packages\/methods\/made-up exists/);
    expect(() => node("tooling/new-method.mjs", "Made Up")).toThrow(/lower-case words and hyphens/);
    expect(() => node("tooling/new-method.mjs")).toThrow(/usage: npm run new -- <name>/);
  });

  it("is found stale once its metadata says something else", () => {
    const path = join(copy.path, folder, "src", "index.ts");
    writeFileSync(path, readFileSync(path, "utf8").replace("how far norms are moved", "how much norms are moved"));
    expect(() => node("tooling/sync.mjs", "--check")).toThrow(
      /made-up\/README\.md[^]*1 generated file is stale.*npm run sync/,
    );
  });
});
