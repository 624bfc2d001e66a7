/** Makes every method package a dependency of @gradpool/registry, whose package.json is the list of methods that it offers. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { methodPackages } from "./workspace.mjs";

/** @returns {readonly string[]} the packages that were added */
export function linkMethods() {
  const path = new URL("../packages/registry/package.json", import.meta.url);
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  const added = methodPackages()
    .map((name) => `@gradpool/${name}`)
    .filter((name) => manifest.dependencies[name] === undefined);
  const entries = [...Object.entries(manifest.dependencies), ...added.map((name) => [name, "workspace:^"])];
  manifest.dependencies = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  if (added.length > 0) writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
  return added;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const added = linkMethods();
  console.log(added.length > 0 ? `added ${added.join(", ")}: now run pnpm install` : "nothing to add");
}
