import { fileURLToPath } from "node:url";
import { build, type Options } from "tsup";
import { workspacePackages } from "../../../tooling/workspace.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folders = new Map(workspacePackages().map(({ name, folder }) => [name, folder]));
type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

/** Our packages from their sources, as vitest has it; all else stays where it is, by its path. */
const fromSources: Plugin = {
  name: "from-sources",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^@gradpool\/[a-z0-9-]+$/ }, ({ path }) => ({
      path: `${root}${folders.get(path) ?? path}/src/index.ts`,
      sideEffects: false,
    }));
    onResolve({ filter: /^[@a-z]/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === "resolved" || kind === "entry-point" || path.startsWith("node:")) return undefined;
      return { path: (await resolve(path, { kind, resolveDir, pluginData: "resolved" })).path, external: true };
    });
  },
};

/** Makes one program of a test's child process, so that it runs the sources too, and starts at once. */
export async function bundle(entry: string, outDir: string): Promise<void> {
  await build({
    entry: { child: entry },
    outDir,
    format: "esm",
    target: "node20",
    platform: "node",
    config: false,
    silent: true,
    dts: false,
    clean: true,
    splitting: false,
    outExtension: () => ({ js: ".mjs" }),
    noExternal: [/.*/],
    esbuildPlugins: [fromSources],
  });
}
