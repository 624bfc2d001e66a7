/** The scripts of the pages, from the sources of the workspace: published code and what the site itself has, nothing else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root, workspacePackages } from "../../tooling/workspace.mjs";

const site = join(root, "site");
const sources = new Map(workspacePackages().map(({ name, folder }) => [name, join(root, folder, "src/index.ts")]));

/** What published code uses of others on these pages. Whatever else it names is for code that no page calls, and falls away with it. */
const used = new Set(["@noble/hashes", "@observablehq/plot", "leven", "pure-rand", "zod"]);

/** Every method that the registry's manifest lists, as one module. */
const methodsModule = () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, "packages/registry/package.json"), "utf8"));
  const names = Object.keys(dependencies).filter((name) => name.startsWith("@gradpool/") && name !== "@gradpool/core");
  const imports = names.map((name, k) => `import { methods as m${k} } from ${JSON.stringify(name)};`);
  return `${imports.join("\n")}\nexport const methods = [${names.map((_, k) => `...m${k}`).join(", ")}];\n`;
};

/** A browser's own document and a hash without Node stand in for the two things that the report takes from a server. */
const standIns = {
  jsdom: `export class JSDOM { window = window; }`,
  "node:crypto": `import { sha256 } from "@noble/hashes/sha2.js";
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const createHash = () => {
  let held = "";
  const hash = { update: (text) => ((held += text), hash), digest: (form) => {
    const bytes = sha256(new TextEncoder().encode(held));
    return form === "base64" ? btoa(String.fromCharCode(...bytes)) : hex(bytes);
  } };
  return hash;
};`,
};

const workspace = {
  name: "workspace",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^gradpool:methods$/ }, () => ({ path: "methods", namespace: "gradpool" }));
    onLoad({ filter: /.*/, namespace: "gradpool" }, () => ({
      contents: methodsModule(),
      resolveDir: join(root, "packages/registry"),
    }));
    onLoad({ filter: /.*/, namespace: "stand-in" }, ({ path }) => ({ contents: standIns[path], resolveDir: site }));
    onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
      if (kind === "entry-point") return undefined;
      if (sources.has(path)) return { path: sources.get(path), sideEffects: false };
      if (path in standIns) return { path, namespace: "stand-in", sideEffects: false };
      if (importer.includes("/node_modules/") || used.has(path.replace(/^((?:@[^/]+\/)?[^/]+).*/, "$1")))
        return undefined;
      return { path, external: true, sideEffects: false };
    });
  },
};

const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "browser",
  minify: true,
  legalComments: "none",
  logLevel: "silent",
  absWorkingDir: root,
  tsconfigRaw: {},
  define: { "process.env.NODE_ENV": '"production"' },
};

/** Bundles the scripts into `out`; throws where one still asks for a module that no browser has. */
export async function bundle(out) {
  const entries = ["assets/site.ts", "playground/landscapes.ts", "playground/gradients.ts", "playground/report.ts"];
  const { metafile } = await build({
    ...common,
    entryPoints: entries.map((path) => join(site, path)),
    outdir: join(out, "scripts"),
    entryNames: "[name]",
    chunkNames: "chunks/[name]-[hash]",
    splitting: true,
    metafile: true,
    plugins: [workspace],
  });
  for (const [path, { imports }] of Object.entries(metafile.outputs)) {
    const asked = imports.filter(({ external }) => external).map(({ path: name }) => name);
    if (asked.length > 0) throw new Error(`${path} asks for ${asked.join(", ")}, which no browser has`);
  }
}
