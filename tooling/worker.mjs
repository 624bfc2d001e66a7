/** The program of a package's worker threads as text in its own sources, so that it is found however the package is bundled. */
import { build } from "esbuild";
import { writeGenerated } from "./generated.mjs";

/** Bundles `entry` into `src/generated/worker.ts`, which exports it as `workerSource`. */
export async function bundleWorker(entry) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minify: true,
  });
  const [program] = outputFiles;
  writeGenerated(
    "src/generated/worker.ts",
    [entry, ...Object.keys(metafile.inputs).filter((path) => path !== entry)],
    `export const workerSource: string = ${JSON.stringify(program.text)};`,
  );
}
