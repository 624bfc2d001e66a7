import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { ldcMtl } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "ldc-mtl",
    pool: (options) => ldcMtl(options),
    state: { x: ({ learned }) => learned?.values, L0: ({ first }) => first },
    last: ["L0"],
  },
  { describe, it },
);
