import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { gcs } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "gcs",
    pool: (options) => gcs(options),
  },
  { describe, it },
);
