import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { trimmedMean } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "trimmed-mean",
    pool: (options) => trimmedMean(options),
  },
  { describe, it },
);
