import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { modo } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "modo",
    pool: (options) => modo(options),
    state: { lambda: ({ lambda }) => lambda },
    last: ["lambda"],
  },
  { describe, it },
);
