import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { pcd } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "pcd",
    pool: (options) => pcd(options),
    state: {
      v: (state) =>
        (state?.groups[""] ?? new Float64Array(0))
          .subarray(0, (state?.groups[""]?.length ?? 0) / 2)
          .map((root) => root * root),
      t: (state) => (state?.groups[""] ?? new Float64Array(0)).subarray((state?.groups[""]?.length ?? 0) / 2),
    },
  },
  { describe, it },
);
