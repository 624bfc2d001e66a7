import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { pbi } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "pbi",
    pool: (options) => pbi(options),
  },
  { describe, it },
);
