import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { imtlFull, imtlL } from "../src/index.js";

const file = new URL("./golden2.json", import.meta.url);

describeRecorded(
  { file, method: "imtl-l", pool: (options) => imtlL(options), state: { s: ({ values }) => values } },
  { describe, it },
);
describeRecorded(
  {
    file,
    method: "imtl-full",
    pool: (options) => imtlFull(options),
    state: { s: (state) => state?.groups[""]?.values },
  },
  { describe, it },
);
