/** Generated modules know their sources, so that no test runs on the kernels of another checkout. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { isFresh, writeGenerated } from "../tooling/generated.mjs";
import { root, workspacePackages } from "../tooling/workspace.mjs";
import { temporaryFolder } from "./pack/workspace.js";

const { path: folder, dispose } = temporaryFolder("generated");
afterAll(dispose);

const out = "src/generated/kernels.ts";
const sources = ["assembly/index.ts", "assembly/gram.ts"];

beforeEach(() => {
  mkdirSync(join(folder, "assembly"), { recursive: true });
  for (const file of ["tsup.config.mjs", ...sources]) writeFileSync(join(folder, file), `// ${file}`);
  writeGenerated(out, sources, "export const wasmBase64 = 1;", folder);
});

it("is fresh where nothing changed", () => {
  expect(isFresh(folder, out)).toBe(true);
});

it.each(["tsup.config.mjs", ...sources])("is stale once %s says something else", (file) => {
  writeFileSync(join(folder, file), "// edited");
  expect(isFresh(folder, out)).toBe(false);
});

it("is stale once a source or the module itself is gone, or names no sources", () => {
  rmSync(join(folder, "assembly/gram.ts"));
  expect(isFresh(folder, out)).toBe(false);
  writeFileSync(join(folder, out), "/** Generated from assembly/index.ts; do not edit. */\nexport const a = 1;\n");
  expect(isFresh(folder, out)).toBe(false);
  rmSync(join(folder, out));
  expect(isFresh(folder, out)).toBe(false);
});

it("are named in the configuration of the build that makes them: the check before all tests looks there", () => {
  const made = workspacePackages().flatMap(({ folder }) => {
    const generated = join(root, folder, "src/generated");
    const config = join(root, folder, "tsup.config.mjs");
    return existsSync(generated)
      ? readdirSync(generated).map((name) => ({ out: `src/generated/${name}`, config: readFileSync(config, "utf8") }))
      : [];
  });
  expect(made.length).toBeGreaterThan(3);
  for (const { out, config } of made) expect(config).toContain(`"${out}"`);
});
