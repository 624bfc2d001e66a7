import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { igb } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "igb",
    pool: (options) => igb(options),
  },
  { describe, it },
);
