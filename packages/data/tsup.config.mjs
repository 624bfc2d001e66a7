import { library } from "../../tooling/tsup.mjs";
import { bundleWorker } from "../../tooling/worker.mjs";

// The database's binaries stay where they are installed.
await bundleWorker("src/stream/worker.ts", "src/generated/worker.ts", { outside: ["@duckdb/node-api"] });

export default library();
