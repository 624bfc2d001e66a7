import { poolContext, taskGradients, taskSet } from "@gradpool/core";
import { describePareto } from "@gradpool/testkit/trajectories";
import { describe, expect, it } from "vitest";
import { uw } from "../src/index.js";

describePareto("UW", () => uw({ learningRate: 0.05 }), { disparate: { rate: 5e-4, steps: 20_000 } }, { describe, it });

describe("UW's log variances", () => {
  it("tend to the log losses", () => {
    const pool = uw({ learningRate: 0.1 });
    const tasks = taskSet(2);
    let state = pool.init(tasks);
    for (let step = 1; step <= 2000; step++) {
      const context = poolContext({ tasks, step, losses: [0.5, 20] });
      const values = [[1], [1]];
      state = pool.pool(taskGradients({ parameters: [{ name: "x", values }] }), context, state).state;
    }
    expect(state[0]).toBeCloseTo(Math.log(0.5), 6);
    expect(state[1]).toBeCloseTo(Math.log(20), 4);
  });
});
