import { describeRecorded } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { gradnorm } from "../src/index.js";

/** T softmax(s): the weights of the next step, if every task is in it. */
function softmax(logits: Float64Array = new Float64Array(0)): Float64Array {
  const shares = logits.map(Math.exp);
  const total = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => (shares.length * share) / total);
}

describeRecorded(
  {
    file: new URL("./golden2.json", import.meta.url),
    method: "gradnorm",
    pool: (options) => gradnorm(options),
    state: {
      x: ({ learned }) => learned?.values,
      w_next: ({ learned }, { options }) =>
        options["parametrisation"] === "renormalise" ? learned?.values : softmax(learned?.values),
      L0: ({ base }) => base,
    },
    last: ["L0"],
  },
  { describe, it },
);
