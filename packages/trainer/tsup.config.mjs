import { build } from "esbuild";
import { compileKernels } from "../../tooling/asc.mjs";
import { writeGenerated } from "../../tooling/generated.mjs";
import { library } from "../../tooling/tsup.mjs";

// Memory comes from outside: tables grow to 4 GiB, and one program serves several memories.
await compileKernels("assembly/index.ts", "src/generated/kernels.ts", [
  "--importMemory",
  "--initialMemory",
  "1",
  "--maximumMemory",
  "65536",
]);

// The program of the worker threads travels as text, so that it is found however this package is bundled.
const entry = "src/threads/worker.ts";
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

// tfjs.ts is for browsers too: it stays clear of what index.ts needs of Node.
export default library({ entry: ["src/index.ts", "src/tfjs.ts"] });
