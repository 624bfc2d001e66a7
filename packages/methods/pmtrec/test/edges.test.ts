import { poolContext, taskGradients, taskSet } from "@gradpool/core";
import { expectClose, poolSteps } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { pmtRec } from "../src/index.js";

describe("PMTRec at its edges", () => {
  it("gives the target all the weight once its growth has overflowed, and stays finite", () => {
    const { steps } = poolSteps(pmtRec({ alpha: 1.2, granularity: "model" }), [[[1, 0], [0, 5]]], { epochs: [5000] }); // prettier-ignore
    expectClose(steps[0]?.weights, [1, 0]);
    expectClose(steps[0]?.combined, [1, 0]);
  });

  it("weighs by plain shares of the norms without the balance", () => {
    const pool = pmtRec({ alpha: 1, balance: false, granularity: "model" });
    expectClose(poolSteps(pool, [[[1, 0], [0, 3]]]).steps[0]?.weights, [0.25, 0.75]); // prettier-ignore
  });

  it("shares equally where norms are equal, with alpha 1", () => {
    const pool = pmtRec({ alpha: 1, granularity: "model" });
    expectClose(poolSteps(pool, [[[1, 0], [0, -1]]]).steps[0]?.weights, [0.5, 0.5]); // prettier-ignore
  });

  it("takes a row that one task alone has touched from that task", () => {
    const tasks = taskSet(2);
    const rows = [
      { ids: [4], values: [1, 2] },
      { ids: [9], values: [3, 4] },
    ];
    const gradients = taskGradients({ parameters: [{ name: "table", width: 2, rows }] });
    const { combined } = pmtRec().pool(gradients, poolContext({ tasks }), pmtRec().init(tasks));
    // The other's norm is a zero in the softmax: nothing beside these norms at the default temperature.
    expectClose(combined.value("table"), [1, 2, 3, 4]);
  });
});
