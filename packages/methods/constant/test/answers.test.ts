import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { constant } from "../src/index.js";

describeRecorded(
  { file: new URL("./golden2.json", import.meta.url), method: "constant", pool: (options) => constant(options) },
  { describe, it },
);
