/** What the generator of method packages writes passes every check, unchanged. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Method } from "@gradpool/core";
import { conformanceCases } from "@gradpool/testkit";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newMethod } from "../tooling/new-method.mjs";
import { root, run, temporaryFolder } from "./pack/workspace.js";

mkdirSync(join(root, "test", "generated"), { recursive: true });
const workspace = mkdtempSync(join(root, "test", "generated", "new-"));
const folder = join(workspace, "packages", "methods", "made-up");
let files: readonly string[] = [];

beforeAll(async () => {
  symlinkSync(join(root, "tooling"), join(workspace, "tooling"), "junction");
  files = await newMethod(workspace, "made-up");
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

describe("a new method package", () => {
  it("is formatted and free of lint", () => {
    const ignore = join(workspace, "ignore-nothing");
    writeFileSync(ignore, "");
    run(
      "prettier",
      ["--check", "--config", join(root, ".prettierrc.json"), "--ignore-path", ignore, ...files],
      workspace,
    );
    // oxlint leaves out what git ignores, as it does the folder of this test: it reads a copy elsewhere.
    const copy = temporaryFolder("new");
    cpSync(folder, copy.path, { recursive: true });
    run("oxlint", ["--deny-warnings"], copy.path);
    copy.dispose();
  });

  it("is sound in its types", () => {
    const config = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        paths: {
          "@gradpool/*": [join(root, "packages/*/src/index.ts"), join(root, "packages/methods/*/src/index.ts")],
        },
      },
      include: ["packages/methods/*/src", "packages/methods/*/test"],
    };
    writeFileSync(join(workspace, "tsconfig.json"), JSON.stringify(config));
    expect(run("tsc", ["--noEmit", "-p", "."], workspace)).toBe("");
  });

  it("conforms", async () => {
    const { methods } = (await import(/* @vite-ignore */ join(folder, "src", "index.ts"))) as {
      readonly methods: readonly Method[];
    };
    expect(methods.map(({ name }) => name)).toEqual(["made-up"]);
    const cases = methods.flatMap((method) => conformanceCases(method, { runs: 100 }));
    expect(cases.filter((item) => item.skip === undefined).length).toBeGreaterThan(10);
    for (const item of cases) if (item.skip === undefined) item.run();
  });

  it("builds into a package that publint accepts", async () => {
    run("tsup", [], folder);
    const { messages } = await publint({ pkgDir: folder, pack: false, strict: true });
    expect(messages).toEqual([]);
  });

  it("has its changeset, and a name that is not taken", async () => {
    expect(readFileSync(join(workspace, ".changeset", "made-up-first.md"), "utf8")).toContain(
      '"@gradpool/made-up": minor',
    );
    await expect(newMethod(workspace, "made-up")).rejects.toThrow(/exists/);
    await expect(newMethod(workspace, "Made Up")).rejects.toThrow(/lower-case/);
  });
});
