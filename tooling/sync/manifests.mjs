/** What the method packages have in common but for their names: package.json and the conformance test. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../workspace.mjs";

/** Field order of package.json; whatever else a package has follows. */
function manifest({ folder, name, version, manifest: own, methods }) {
  const imports = importsOf(`${folder}/src`);
  const tested = importsOf(`${folder}/test`).filter((name) => !imports.includes(name));
  const { dependencies, devDependencies, ...rest } = own;
  const fields = {
    name,
    version,
    description: `${methods.map(({ summary }) => summary).join(" ")} A gradient pool for multi-task recommenders.`,
    keywords: [
      "gradpool",
      "gradient-pool",
      "multi-task-learning",
      "recommender-systems",
      ...methods.map((m) => m.name),
    ],
    license: "MIT",
    type: "module",
    sideEffects: false,
    engines: { node: ">=20" },
    files: ["dist"],
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./package.json": "./package.json",
    },
    publishConfig: { access: "public" },
    scripts: { build: "node ../../../tooling/build-method.mjs" },
    dependencies: linked(imports, dependencies),
    devDependencies: linked([...new Set([...tested, "@gradpool/testkit"])], devDependencies),
  };
  return { ...fields, ...Object.fromEntries(Object.entries(rest).filter(([field]) => !(field in fields))) };
}

/** Our packages by what is imported; others as they stand, since their versions are chosen by hand. */
function linked(imports, own = {}) {
  const others = Object.entries(own).filter(([name]) => !name.startsWith("@gradpool/"));
  const ours = imports.map((name) => [name, "workspace:^"]);
  return Object.fromEntries([...ours, ...others].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The packages of ours that the TypeScript files of a folder import. */
function importsOf(folder) {
  const dir = join(root, folder);
  if (!existsSync(dir)) return [];
  const files = readdirSync(dir, { recursive: true }).filter((name) => name.endsWith(".ts"));
  const found = files.flatMap((name) => [
    ...readFileSync(join(dir, name), "utf8").matchAll(/from "(@gradpool\/[a-z0-9-]+)(?:\/[a-z0-9-]+)?";/g),
  ]);
  return [...new Set(found.map(([, name]) => name))].sort();
}

const conformance = `import { describeMethod } from "@gradpool/testkit";
import { describe, it } from "vitest";
import { methods } from "../src/index.js";

for (const method of methods) describeMethod(method, { describe, it });
`;

export const manifests = (packages) =>
  packages.flatMap((entry) => [
    [`${entry.folder}/package.json`, `${JSON.stringify(manifest(entry), null, 2)}\n`],
    [`${entry.folder}/test/conformance.test.ts`, conformance],
  ]);
