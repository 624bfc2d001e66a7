import { build } from "esbuild";
import { compileKernels } from "../../tooling/asc.mjs";
import { writeGenerated } from "../../tooling/generated.mjs";
import { library } from "../../tooling/tsup.mjs";

await compileKernels("assembly/index.ts", "src/generated/kernels.ts");

// The helper threads' program travels as text, so that it is found however this package is bundled.
const entry = "src/topk/worker.ts";
const worker = await build({
  entryPoints: [entry],
  bundle: true,
  write: false,
  metafile: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  minify: true,
});
writeGenerated(
  "src/generated/worker.ts",
  [entry, ...Object.keys(worker.metafile.inputs).filter((path) => path !== entry)],
  `export const workerSource: string = ${JSON.stringify(worker.outputFiles[0].text)};`,
);

export default library();
