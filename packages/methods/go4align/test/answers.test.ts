import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { go4align } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "go4align",
    pool: (options) => go4align(options),
    state: { p: ({ shares }) => shares },
  },
  { describe, it },
);
