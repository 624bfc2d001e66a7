import { compileKernels } from "../../tooling/asc.mjs";
import { library } from "../../tooling/tsup.mjs";
import { bundleWorker } from "../../tooling/worker.mjs";

// Memory comes from outside: tables grow to 4 GiB, and one program serves several memories.
await compileKernels("assembly/index.ts", "src/generated/kernels.ts", [
  "--importMemory",
  "--initialMemory",
  "1",
  "--maximumMemory",
  "65536",
]);

await bundleWorker("src/threads/worker.ts", "src/generated/worker.ts");

// tfjs.ts is for browsers too: it stays clear of what index.ts needs of Node.
export default library({ entry: ["src/index.ts", "src/tfjs.ts"] });
