import { library } from "../../tooling/tsup.mjs";

export default library({ entry: ["src/index.ts", "src/cli.ts", "src/step/cli.ts"] });
