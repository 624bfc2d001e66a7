import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { krum } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "krum",
    pool: (options) => krum(options),
  },
  { describe, it },
);
