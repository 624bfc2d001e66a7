import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { excessMtl } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "excess-mtl",
    pool: (options) => excessMtl(options),
    state: { w: ({ logs }) => logs.map((log) => logs.length * Math.exp(log)) },
  },
  { describe, it },
);
