/**
 * `npm run sync` writes what follows from the methods' metadata: manifests, conformance tests, README tables, the lists of
 * packages; and the pages of docs/results, from the data beside them. `--check` writes nothing, and fails with the names of the files that are stale.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { costs } from "./sync/costs.mjs";
import { chooseAMethod, packageLists, registryManifest } from "./sync/lists.mjs";
import { manifests } from "./sync/manifests.mjs";
import { readMethods } from "./sync/methods.mjs";
import { trainOptions } from "./sync/options.mjs";
import { installs, readmes } from "./sync/readmes.mjs";
import { resultPages } from "./results/pages.mjs";
import { root, workspacePackages } from "./workspace.mjs";

/**
 * Each takes the method packages and answers with [path, text] of whole files. Something else to keep in step, such as a
 * table of another package's options, is one more function here.
 */
const writers = [manifests, readmes, installs, registryManifest, methodTables, packageLists, trainOptions, resultPages];

/** Both tables of one page: the second is drawn into what the first has made. */
function methodTables(packages) {
  return chooseAMethod(packages).map(([path, text]) => [path, costs(text, path)]);
}

/** The generated files that differ from what they should be: path → text. */
export async function staleFiles() {
  const packages = await readMethods();
  const options = await resolveConfig(join(root, "README.md"));
  const stale = new Map();
  for (const [path, text] of writers.flatMap((write) => write(packages))) {
    const formatted = await format(text, { ...options, filepath: path });
    const file = join(root, path);
    if (!existsSync(file) || readFileSync(file, "utf8") !== formatted) stale.set(path, formatted);
  }
  return stale;
}

/** Writes them; answers with their paths. */
export async function sync() {
  const stale = await staleFiles();
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return [...stale.keys()];
}

/** What the manifests depend on, as text to compare. */
const dependenciesOf = (manifests) =>
  JSON.stringify(
    manifests
      .map((path) => JSON.parse(readFileSync(join(root, path), "utf8")))
      .map(({ dependencies, devDependencies }) => [dependencies, devDependencies]),
  );

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes("--check");
  const manifests = workspacePackages().map(({ folder }) => `${folder}/package.json`);
  const before = dependenciesOf(manifests);
  const paths = check ? [...(await staleFiles()).keys()] : await sync();
  for (const path of paths) console.log(path);
  if (check && paths.length > 0) {
    const files = paths.length === 1 ? "1 generated file is" : `${paths.length} generated files are`;
    console.error(`gradpool: ${files} stale (sync --check): run npm run sync`);
    process.exitCode = 1;
  } else if (dependenciesOf(manifests) !== before) {
    console.log("\ndependencies changed: now run npx pnpm install");
  }
}
