import { batchesOf, poolContext, taskGradients, taskSet } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { modo } from "../src/index.js";

const tasks = taskSet(2);
const rows = (ids: number[]) => ({ parameters: [{ name: "t", width: 1, rows: [{ ids, values: ids.map(() => 1) }, { ids, values: ids.map(() => 2) }] }] }); // prettier-ignore

describe("MoDo at its edges", () => {
  it("says how many batches it needs, and refuses to go without", () => {
    expect([modo().batches, modo({ combine: "mean" }).batches]).toEqual([3, 2]);
    const gradients = taskGradients({ parameters: [{ name: "p", values: [[1], [1]] }] });
    const pool = modo();
    expect(() => pool.pool(gradients, poolContext({ tasks }), pool.init(tasks))).toThrow(
      "no second batch (modo, step 1)",
    );
  });

  it("answers over the rows that any batch touched", () => {
    const [first, second] = batchesOf([rows([1]), rows([4])]);
    const pool = modo({ combine: "mean" });
    const { combined } = pool.pool(first!, poolContext({ tasks, second: second! }), pool.init(tasks));
    // No row in common: X is 0, λ stays at ½ each, and each batch counts half.
    expect([...(first!.parameters[0]?.ids ?? [])]).toEqual([1, 4]);
    expect([...combined.value("t")]).toEqual([0.75, 0.75]);
  });
});
