/** The packages of the workspace: what sizes, registries, tests and generated checks run over. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the workspace. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");
const wings = ["packages/", "packages/methods/"];

/** Every package by its folder, in the order of the folders; each wing's own order is the alphabet's. */
export function workspacePackages() {
  return wings.flatMap((wing) =>
    readdirSync(join(root, wing))
      .sort()
      .map((name) => `${wing}${name}`)
      .filter((folder) => existsSync(join(root, folder, "package.json")))
      .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) }))
      .map(({ folder, manifest }) => ({ folder, name: manifest.name, version: manifest.version, manifest })),
  );
}

/** The packages that hold methods, by the names of their folders. */
export const methodPackages = () =>
  workspacePackages()
    .filter(({ folder }) => folder.startsWith("packages/methods/"))
    .map(({ folder }) => folder.slice("packages/methods/".length));
