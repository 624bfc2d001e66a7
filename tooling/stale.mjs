/** What vitest runs before any test: refuses generated modules that were not made from the sources that are here. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isFresh } from "./generated.mjs";
import { root, workspacePackages } from "./workspace.mjs";

/** The generated modules of the workspace that are missing, or were made from sources other than those that are here. */
const staleGenerated = () =>
  workspacePackages().flatMap(({ folder }) => {
    const config = join(root, folder, "tsup.config.mjs");
    const outs = existsSync(config) ? (readFileSync(config, "utf8").match(/src\/generated\/[\w-]+\.ts/g) ?? []) : [];
    return [...new Set(outs)].filter((out) => !isFresh(join(root, folder), out)).map((out) => `${folder}/${out}`);
  });

/** One line in place of results that are silently wrong. */
export function setup() {
  const stale = staleGenerated();
  if (stale.length === 0) return;
  const error = new Error(`${stale.join(", ")}: not made from the sources that are here (tests): run npm run setup`);
  error.stack = error.message; // where it was thrown helps nobody
  throw error;
}
