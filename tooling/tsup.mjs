/**
 * The build of every package: tsup bundles the JavaScript; declarations come file by file from isolated declarations,
 * which takes milliseconds where a type-checking emit takes seconds per package (`pnpm typecheck` checks the types).
 */
import { readdirSync, readFileSync, mkdirSync, writeFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isolatedDeclarationSync } from "oxc-transform";
import { defineConfig } from "tsup";

const sources = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && statSync(path).isFile());

/** Writes dist/**.d.ts for src/**.ts; an export whose type cannot be read off its own file fails the build. */
function emitDeclarations() {
  for (const path of sources("src")) {
    const { code, errors } = isolatedDeclarationSync(path, readFileSync(path, "utf8"), { stripInternal: true });
    if (errors.length > 0) throw new Error(`${path}: ${errors.map((error) => error.message).join("; ")}`);
    const out = join("dist", relative("src", path).replace(/\.ts$/, ".d.ts"));
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, code);
  }
}

/** @param {import("tsup").Options} [options] */
export const library = (options = {}) =>
  defineConfig({
    entry: ["src/index.ts"],
    format: ["esm"],
    target: "node20",
    clean: true,
    dts: false,
    sourcemap: false,
    splitting: true,
    silent: true,
    ...options,
    onSuccess: async () => emitDeclarations(),
  });
