import { library } from "../../tooling/tsup.mjs";

export default library({ entry: ["src/index.ts", "src/golden.ts", "src/trajectories.ts"] });
