import { writeFileSync } from "node:fs";
import { build } from "esbuild";
import { compileKernels } from "../../tooling/asc.mjs";
import { library } from "../../tooling/tsup.mjs";

await compileKernels("assembly/index.ts", "src/generated/kernels.ts");

// The helper threads' program travels as text, so that it is found however this package is bundled.
const worker = await build({
  entryPoints: ["src/topk/worker.ts"],
  bundle: true,
  write: false,
  platform: "node",
  target: "node20",
  format: "cjs",
  minify: true,
});
writeFileSync(
  "src/generated/worker.ts",
  `/** Generated from src/topk/worker.ts; do not edit. */\nexport const workerSource: string = ${JSON.stringify(worker.outputFiles[0].text)};\n`,
);

export default library();
