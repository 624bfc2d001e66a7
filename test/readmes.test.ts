import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeRange, type Method } from "@gradpool/core";
import { afterAll, describe, expect, it } from "vitest";
import { blocksOf, readmes } from "./readme-blocks.js";
import { printedBy } from "./run-block.js";

const folder = fileURLToPath(new URL("./generated/readmes/", import.meta.url));
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One space where there is any, so that the padding of tables does not matter. */
const squeeze = (text: string): string => text.replace(/-{3,}/g, "---").replace(/[ \t]+/g, " ");

describe.each(readmes().map((readme) => [readme.name, readme.text]))("the README of %s", (name, text) => {
  it("says how to install the package", () => {
    expect(text).toMatch(new RegExp(`${name}\\b`));
    if (/^(npm install .*gradpool|npx @gradpool)/m.test(text))
      expect(text).toMatch(/\bnot on a registry yet: \[Install\]/i);
  });

  for (const block of blocksOf(name, text)) {
    const title = `holds code that runs (block ${block.number})`;
    if (block.skip !== undefined) {
      it.skip(`${title} (${block.skip})`, () => undefined);
      continue;
    }
    it(title, async () => {
      const printed = await printedBy(`${folder}${name.replace("@gradpool/", "")}-${block.number}.ts`, block.code);
      if (block.expected.length > 0) expect(printed).toEqual(block.expected);
    });
  }
});

/** The methods that a package exports; packages without any are not loaded. */
async function methodsOf(folder: string): Promise<readonly Method[]> {
  const path = fileURLToPath(new URL(`../${folder}/src/index.ts`, import.meta.url));
  if (!existsSync(path) || !readFileSync(path, "utf8").includes("export const methods")) return [];
  return ((await import(/* @vite-ignore */ path)) as { methods: readonly Method[] }).methods;
}

describe.each(readmes().map((readme) => [readme.name, readme] as const))("the options table of %s", (_, readme) => {
  it("lists every option with its default, range and meaning", async () => {
    for (const method of await methodsOf(readme.folder)) {
      for (const [option, spec] of Object.entries(method.options)) {
        const cells = [
          `\`${option}\``,
          `\`${JSON.stringify(spec.default).replaceAll('"', "")}\``,
          describeRange(spec),
          spec.description,
        ].map((cell) => cell.replaceAll("|", "\\|"));
        expect(squeeze(readme.text)).toContain(`| ${cells.join(" | ")} |`);
      }
    }
  });
});
