import { poolContext, taskGradients, taskSet } from "@gradpool/core";
import { expect, it } from "vitest";
import { gradvac } from "../src/index.js";

/** CPU time of a decision in which every pair conflicts: the corners of a simplex around 0. The least of several tries. */
function microseconds(tasks: number): number {
  const values = Array.from({ length: tasks }, (_, i) =>
    Float64Array.from({ length: tasks }, (__, k) => Number(i === k) - 1 / tasks),
  );
  const gradients = taskGradients({ parameters: [{ name: "layer", values }] });
  gradients.gram("model");
  const pool = gradvac();
  const decide = (): void =>
    void pool.pool(gradients, poolContext({ tasks, step: 1 }), pool.init(taskSet(tasks))).combined;
  const repeats = Math.ceil(40_000 / tasks ** 2);
  const once = (): number => {
    const from = process.cpuUsage();
    for (let k = 0; k < repeats; k++) decide();
    const { user, system } = process.cpuUsage(from);
    return (user + system) / repeats;
  };
  return Math.min(...Array.from({ length: 8 }, once));
}

it("costs T³ operations, not T⁴: four times the tasks, far less than 256 times the time", () => {
  microseconds(24);
  expect(microseconds(96) / microseconds(24)).toBeLessThan(128);
});
