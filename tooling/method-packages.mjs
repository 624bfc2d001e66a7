/** The packages that export methods, by folder name: what sizes, registries and generated checks run over. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

const packages = new URL("../packages/", import.meta.url);

/** @returns {string[]} */
export function methodPackages() {
  return readdirSync(packages)
    .sort()
    .filter((name) => {
      const entry = new URL(`${name}/src/index.ts`, packages);
      return existsSync(entry) && /export (const methods\b|\{[^}]*\bmethods\b)/.test(readFileSync(entry, "utf8"));
    });
}
