import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { adatask } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "adatask",
    pool: (options) => adatask(options),
    state: {
      m: ({ tensors }) => tensors["p"]?.subarray(0, (tensors["p"]?.length ?? 0) / 2),
      v: ({ tensors }) => tensors["p"]?.subarray((tensors["p"]?.length ?? 0) / 2),
      t: ({ counts }) => counts,
    },
  },
  { describe, it },
);
