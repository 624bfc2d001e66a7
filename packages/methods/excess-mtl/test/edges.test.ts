import { poolContext, taskGradients, taskSet } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { excessMtl } from "../src/index.js";

describe("ExcessMTL on tables", () => {
  it("holds touched rows alone, and answers as for the same table given whole", () => {
    const tasks = taskSet(2);
    const rows = (ids: number[], factor: number) => ({ ids, values: ids.flatMap((id) => [factor * (id + 1), factor]) });
    const asRows = (f: number) => taskGradients({ parameters: [{ name: "t", width: 2, rows: [rows([0, 2], f), rows([2], -f)] }] }); // prettier-ignore
    const whole = (f: number) => taskGradients({ parameters: [{ name: "t", values: [[f, f, 3 * f, f], [0, 0, -3 * f, -f]] }] }); // prettier-ignore
    const pool = excessMtl({ stepSize: 1 });
    let [a, b] = [pool.init(tasks), pool.init(tasks)];
    for (const [k, f] of [1, 0.5, 2].entries()) {
      const context = poolContext({ tasks, step: k + 1 });
      const [x, y] = [pool.pool(asRows(f), context, a), pool.pool(whole(f), context, b)];
      [a, b] = [x.state, y.state];
      expect([...x.combined.value("t")]).toEqual([...y.combined.value("t")]);
    }
    expect(a.rows["t"]?.count).toBe(2);
  });
});
