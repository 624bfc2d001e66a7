/**
 * Imports the workspace's TypeScript sources as they stand, unbuilt: types are stripped, `@gradpool/x` is the source of
 * that package. For tools that must read what the sources say, and not what was last built of them.
 */
import { register } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, workspacePackages } from "./workspace.mjs";

let registered = false;

/** The exports of a module by its path from the root, such as packages/core/src/index.ts. */
export async function importSource(path) {
  if (!registered) {
    const sources = workspacePackages().map(({ name, folder }) => [
      name,
      pathToFileURL(join(root, folder, "src", "/")).href,
    ]);
    register("./typescript-hooks.mjs", { parentURL: import.meta.url, data: Object.fromEntries(sources) });
    registered = true;
  }
  return import(pathToFileURL(join(root, path)).href);
}
