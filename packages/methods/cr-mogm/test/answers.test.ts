import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { crMogm } from "../src/index.js";

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "cr-mogm",
    pool: (options) => crMogm(options),
    state: { lambda: ({ weights }) => weights },
    last: ["lambda"],
  },
  { describe, it },
);
