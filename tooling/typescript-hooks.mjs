/** Module hooks of typescript.mjs; they run in a thread of their own. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transformSync } from "oxc-transform";

/** Package name → URL of its folder of sources. */
let packages = {};

export function initialize(given) {
  packages = given;
}

export async function resolve(specifier, context, next) {
  const [, name, entry = "index"] = /^(@gradpool\/[^/]+)(?:\/([a-z0-9-]+))?$/.exec(specifier) ?? [];
  if (packages[name] !== undefined) return { url: `${packages[name]}${entry}.ts`, shortCircuit: true };
  if (/^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.endsWith(".ts")) {
    const source = new URL(specifier.replace(/\.js$/, ".ts"), context.parentURL);
    if (existsSync(source)) return { url: source.href, shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith(".ts")) return next(url, context);
  const path = fileURLToPath(url);
  const { code, errors } = transformSync(path, await readFile(path, "utf8"));
  if (errors.length > 0) throw new Error(`${path}: ${errors.map((error) => error.message).join("; ")}`);
  return { format: "module", source: code, shortCircuit: true };
}
