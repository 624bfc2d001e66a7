import { clipTasks, poolContext, taskGradients, taskSet } from "@gradpool/core";
import { combinedOf, expectClose } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { crMogm, smoothed } from "../src/index.js";

const rows = [[3, 0], [0, 1]]; // prettier-ignore

describe("CR-MOGM at its edges", () => {
  it("starts with the inner pool's own weights", () => {
    expectClose(combinedOf(crMogm({ inner: "mean" }), rows), [1.5, 0.5]);
  });

  it("takes another α with the same state: a schedule", () => {
    const tasks = taskSet(2);
    const gradients = taskGradients({ parameters: [{ name: "p", values: rows }] });
    const start = crMogm({ inner: "mean", initialWeights: [1, 0] });
    const first = start.pool(gradients, poolContext({ tasks, step: 1 }), start.init(tasks));
    const slower = crMogm({ inner: "mean", initialWeights: [1, 0], alpha: 0 });
    const second = slower.pool(gradients, poolContext({ tasks, step: 2 }), first.state);
    expectClose(first.combined.weights?.weights, [0.95, 0.05]);
    expectClose(second.combined.weights?.weights, [0.5, 0.5]);
  });

  it("refuses a pool without weights", () => {
    expect(() => smoothed(clipTasks(crMogm(), 1))).toThrow("cr-mogm answers without weights");
  });
});
