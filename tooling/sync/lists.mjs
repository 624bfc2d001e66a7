/** The lists of packages: what the registry depends on, the table of methods in docs, the README's lists. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, workspacePackages } from "../workspace.mjs";
import { replaceMarked, table } from "./markdown.mjs";
import { isMethod } from "./methods.mjs";

/** The package whose dependencies are the methods that every command offers. */
const registry = "packages/registry";

const read = (path) => readFileSync(join(root, path), "utf8");

export function registryManifest(packages) {
  const path = `${registry}/package.json`;
  const manifest = JSON.parse(read(path));
  const known = new Set(workspacePackages().map(({ name }) => name));
  const kept = Object.entries(manifest.dependencies).filter(
    ([name]) => !name.startsWith("@gradpool/") || known.has(name),
  );
  const methods = packages.map(({ name }) => [name, "workspace:^"]);
  const all = { ...Object.fromEntries(kept), ...Object.fromEntries(methods) };
  manifest.dependencies = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  return [[path, `${JSON.stringify(manifest, null, 2)}\n`]];
}

const promises = {
  nonConflicting: "no conflict",
  targetDescent: "target descends",
  taskScaleInvariant: "scale-free tasks",
};

function choiceOf(method, folder) {
  const { needs, level, granularity } = method.create();
  const kept = Object.keys(promises).filter((property) => method.properties[property] === true);
  return [
    `[\`${method.name}\`](../${folder}/README.md)`,
    needs,
    level,
    method.granularities.length === 0 ? "–" : granularity,
    kept.map((property) => promises[property]).join(", ") || "–",
    needs === "losses" ? "–" : method.tables === undefined ? "yes" : "no",
  ];
}

export function chooseAMethod(packages) {
  const path = "docs/choose-a-method.md";
  const rows = packages.flatMap(({ folder, methods }) => methods.map((method) => choiceOf(method, folder)));
  const head = ["Method", "Decides from", "Level", "Granularity", "Promises", "Tables"];
  return [[path, replaceMarked(read(path), "methods", table(head, rows), path)]];
}

/** How far above the packages that need nothing of ours: what a package builds on is listed before it. */
function heightOf({ manifest }, byName) {
  const below = Object.keys(manifest.dependencies ?? {}).flatMap((name) => byName.get(name) ?? []);
  return below.length === 0 ? 0 : 1 + Math.max(...below.map((entry) => heightOf(entry, byName)));
}

export function packageLists(packages) {
  const path = "README.md";
  const others = workspacePackages().filter((entry) => !isMethod(entry));
  const byName = new Map(others.map((entry) => [entry.name, entry]));
  const rooms = others
    .map((entry) => ({ ...entry, height: heightOf(entry, byName) }))
    .sort((a, b) => a.height - b.height)
    .map((entry) => `- [\`${entry.name}\`](${entry.folder}): ${entry.manifest.description}`);
  const methods = packages.flatMap(({ folder, methods }) =>
    methods.map(({ name, summary, paper }) => `- [\`${name}\`](${folder}): ${summary} (${paper.venue} ${paper.year})`),
  );
  const text = replaceMarked(read(path), "packages", rooms.join("\n"), path);
  return [[path, replaceMarked(text, "methods", methods.join("\n"), path)]];
}
