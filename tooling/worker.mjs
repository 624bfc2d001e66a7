/** The program of a package's worker threads as text in its own sources, so that it is found however the package is bundled. */
import { build } from "esbuild";
import { writeGenerated } from "./generated.mjs";

/** A program that is text has no folder to find packages from: those that stay outside are found from the module that `workerData.from` names. */
const outsiders = (packages) => ({
  name: "outsiders",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      packages.includes(path) ? { path, namespace: "outside" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "outside" }, ({ path }) => ({
      contents: `const { createRequire } = require("node:module");
        module.exports = createRequire(require("node:worker_threads").workerData.from)(${JSON.stringify(path)});`,
    }));
  },
});

/**
 * Bundles a worker's program into a module that exports its text as `workerSource`.
 *
 * @param {string} entry the program, e.g. "src/stream/worker.ts"
 * @param {string} out the generated module, "src/generated/worker.ts" (git-ignored): named in the package's tsup.config.mjs, where
 * the check of generated modules looks for it
 * @param {{ outside?: readonly string[] }} [options] outside: packages that are not put into it
 */
export async function bundleWorker(entry, out, { outside = [] } = {}) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minify: true,
    plugins: [outsiders(outside)],
    // What asks for its own place among the sources is not asked for here.
    logOverride: { "empty-import-meta": "silent" },
  });
  const [program] = outputFiles;
  // What is left out of the program may change: who asks for more of it has changed, too.
  const [{ inputs }] = Object.values(metafile.outputs);
  const used = Object.keys(inputs).filter((path) => inputs[path].bytesInOutput > 0 && !path.startsWith("outside:"));
  writeGenerated(
    out,
    [entry, ...used.filter((path) => path !== entry)],
    `export const workerSource: string = ${JSON.stringify(program.text)};`,
  );
}
