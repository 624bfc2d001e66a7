import { compileKernels } from "../../tooling/asc.mjs";
import { library } from "../../tooling/tsup.mjs";

// Memory comes from outside: tables grow to 4 GiB, and one program serves several memories.
await compileKernels("assembly/index.ts", "src/generated/kernels.ts", [
  "--importMemory",
  "--initialMemory",
  "1",
  "--maximumMemory",
  "65536",
]);

export default library();
