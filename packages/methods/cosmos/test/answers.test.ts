import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { cosmos } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "cosmos",
    pool: (options) => cosmos(options),
  },
  { describe, it },
);
