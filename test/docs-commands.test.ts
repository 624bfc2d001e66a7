/** Every `gradpool …` line of the documents could be run: its command exists, and its flags and values are ones that it takes. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadRecipe, recipeNames, resolveGrid } from "@gradpool/bench";
import { parseMetric } from "@gradpool/metrics";
import { listMethods, parseSpecifier, splitPools } from "@gradpool/registry";
import { describe, expect, it } from "vitest";
import type { Command } from "../packages/cli/src/terminal/command.js";
import { checkFlags } from "../packages/cli/src/terminal/flags.js";
import { gridOfFlags } from "../packages/cli/src/flags/grid.js";
import { configOf } from "../packages/cli/src/flags/training.js";
import { workspacePackages } from "../tooling/workspace.mjs";
import { commandLines } from "./shell-lines.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = `${root}packages/cli/src/commands/`;

const commands = new Map(
  await Promise.all(
    readdirSync(folder).map(async (file) => {
      const module = (await import(/* @vite-ignore */ `${folder}${file}`)) as Record<string, Command>;
      const [command] = Object.entries(module).flatMap(([name, value]) => (name.endsWith("Command") ? [value] : []));
      if (command === undefined) throw new Error(`${file} exports no command`);
      return [command.name, command] as const;
    }),
  ),
);
const methods = (await listMethods()).map(({ method }) => method.name);

/** Throws what the command would say of such a line before it does anything. */
function check([name = "", ...args]: readonly string[]): void {
  const command = commands.get(name);
  if (command === undefined) throw new Error(`there is no command ${name}`);
  if (args.includes("--help")) return;
  const flags = checkFlags(command, args);
  const one = (flag: string): string | undefined => flags.get(flag)?.[0];
  for (const pool of [...splitPools(one("pools") ?? ""), ...(flags.get("pool") ?? [])]) {
    for (const link of parseSpecifier(pool.replace(/\{\w+\}/g, "1")).links)
      if (!link.name.startsWith("./")) expect(methods).toContain(link.name);
  }
  const recipe = one("recipe");
  if (recipe !== undefined && !recipe.startsWith("./")) expect(recipeNames()).toContain(recipe);
  if (name !== "train" && name !== "bench") return;
  const config = configOf(Object.fromEntries([...flags].map(([flag, [value]]) => [flag, value])));
  config.metrics?.forEach((metric) => parseMetric(metric));
  resolveGrid(gridOfFlags(flags.get("grid") ?? []), splitPools(one("pools") ?? ""), "--grid");
}

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(`${root}docs`).flatMap((file) => (file.endsWith(".md") ? `docs/${file}` : [])),
  ...workspacePackages().map(({ folder: own }) => `${own}/README.md`),
].filter((file) => existsSync(`${root}${file}`));

describe("the commands in", () => {
  const held = documents.map((file) => ({ file, lines: commandLines(readFileSync(`${root}${file}`, "utf8")) }));
  const some = held.filter(({ lines }) => lines.length > 0);
  describe.each(some.map(({ file, lines }) => [file, lines] as const))("%s", (_file, lines) => {
    it.each(lines.map((words) => [words.join(" "), words] as const))("fit what gradpool takes: %s", (_line, words) => {
      expect(() => check(words)).not.toThrow();
    });
  });

  it("the documents are found, and a wrong one is noticed", () => {
    expect(held.flatMap(({ lines }) => lines).length).toBeGreaterThan(40);
    expect(commandLines("```sh\necho 'a | b' | npx gradpool pool # ends\ngradpool report x \\\n  --open\n```")).toEqual(
      [["pool"], ["report", "x", "--open"]],
    );
    expect(() => check(["bench", "--recipe", "thesis"])).toThrow(/--out is missing/);
    expect(() => check(["train", "--data", "d", "--out", "o", "--learning-rate", "1"])).toThrow(/unknown flag/);
    expect(() => check(["train", "--data", "d", "--out", "o", "--optimizer", "adamm"])).toThrow(/adamm/);
    expect(() => check(["train", "--data", "d", "--out", "o", "--pool", "pcgard"])).toThrow(/pcgard/);
    expect(() => check(["brench"])).toThrow(/no command/);
  });
});

describe("the recipe in docs/compare-methods.md", () => {
  it("is one that gradpool takes, with the same number of points for everyone", () => {
    const [block] = /(?<=```json\n)[^`]*/.exec(readFileSync(`${root}docs/compare-methods.md`, "utf8")) ?? [];
    const folder = mkdtempSync(join(tmpdir(), "recipe-"));
    const path = join(folder, "balance.json");
    writeFileSync(path, block ?? "");
    const recipe = loadRecipe(path);
    rmSync(folder, { recursive: true });
    for (const { pool, grid = {} } of recipe.contenders) {
      const own = Object.values(resolveGrid(grid, [pool], "its grid"));
      expect(own.reduce((points, values) => points * values.length, 1)).toBe(2);
    }
    expect(Object.keys(resolveGrid(recipe.grid ?? {}, [], "grid"))).toEqual(["weightDecay"]);
  });
});
