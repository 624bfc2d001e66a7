/** The code of README.md and CONTRIBUTING.md runs, and what they name is there. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";
import { workspacePackages } from "../tooling/workspace.mjs";
import { run } from "./pack/workspace.js";
import { blocksOf } from "./readme-blocks.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const generated = join(root, "test", "generated", "root");
mkdirSync(generated, { recursive: true });
afterAll(() => rmSync(generated, { recursive: true, force: true }));

const read = (file: string): string => readFileSync(join(root, file), "utf8");
const readme = read("README.md");
const scripts = (JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> }).scripts;

describe("the README", () => {
  for (const { code, number, expected } of blocksOf("root", readme)) {
    it(`holds code that runs (block ${number})`, async () => {
      const path = join(generated, `block-${number}.ts`);
      writeFileSync(path, code);
      const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
      try {
        await import(/* @vite-ignore */ path);
        expect(log.mock.calls.length).toBeGreaterThan(0);
        if (expected.length > 0) expect(log.mock.calls.map((values) => values.join(" "))).toEqual(expected);
      } finally {
        log.mockRestore();
      }
    });
  }

  // Commands on a reader's own files cannot run here: docs-commands.test.ts checks their flags.
  const commands = readme.split("\n").filter((line) => /^(echo .*\| )?npx gradpool (methods|pool)\b/.test(line));
  it.each(commands)("holds a command that runs: %s", (command) => {
    expect(run("bash", ["-c", command.replace("npx gradpool", "gradpool")], root)).not.toBe("");
  });

  it("names the seven methods and every package that holds no method, and leads nowhere that is not there", () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] as string);
    for (const link of links) expect(existsSync(join(root, link)), link).toBe(true);
    const seven = ["ew", "rlw", "metabalance", "pcgrad", "gradcraft", "pmtrec", "multibalance"];
    const must = workspacePackages()
      .map(({ folder }) => folder)
      .filter((folder) => !folder.startsWith("packages/methods/")); // `gradpool methods` lists them all
    const named = [...must, ...seven.map((name) => `packages/methods/${name}`)];
    expect(named.filter((folder) => !links.includes(folder))).toEqual([]);
  });
});

describe("the documents", () => {
  it.each(["README.md", "CONTRIBUTING.md"])("%s names npm scripts that exist", (file) => {
    for (const [, name] of read(file).matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([name as string]);
  });

  it("add a method in eight steps", () => {
    const steps = (read("CONTRIBUTING.md").split("## Add a method")[1] as string).split("\n## ")[0] as string;
    expect([...steps.matchAll(/^(\d)\. /gm)].map((match) => Number(match[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
