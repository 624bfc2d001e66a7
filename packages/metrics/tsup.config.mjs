import { compileKernels } from "../../tooling/asc.mjs";
import { library } from "../../tooling/tsup.mjs";
import { bundleWorker } from "../../tooling/worker.mjs";

await compileKernels("assembly/index.ts", "src/generated/kernels.ts");

await bundleWorker("src/topk/worker.ts", "src/generated/worker.ts");

export default library();
