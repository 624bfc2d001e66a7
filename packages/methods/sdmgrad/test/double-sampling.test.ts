import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { sdmgrad } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "sdmgrad",
    pool: (options) => sdmgrad(options),
    // Twenty steps of size 10 amplify rounding.
    relative: 1e-7,
    state: { lambda: (state) => state?.groups[""] },
  },
  { describe, it },
);
