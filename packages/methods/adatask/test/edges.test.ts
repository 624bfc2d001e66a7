import { poolContext, taskGradients, taskSet } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { adatask } from "../src/index.js";

const tasks = taskSet(2);
const table = (ids: number[][]) =>
  taskGradients({ parameters: [{ name: "t", width: 1, rows: ids.map((own) => ({ ids: own, values: own.map(() => 3) })) }] }); // prettier-ignore

describe("AdaTask at its edges", () => {
  it("says that its answer is an update", () => {
    const pool = adatask();
    expect(pool.answers).toBe("update");
    expect(pool.pool(table([[1], [1]]), poolContext({ tasks }), pool.init(tasks)).combined.kind).toBe("update");
  });

  it("counts steps per task and row: a row's first step is of full length whenever it comes", () => {
    const pool = adatask({ eps: 0 });
    const first = pool.pool(table([[1], [1]]), poolContext({ tasks, step: 1 }), pool.init(tasks));
    const { combined, state } = pool.pool(table([[1, 2], [1]]), poolContext({ tasks, step: 2 }), first.state);
    expect([...combined.value("t")].map((x) => Number(x.toFixed(12)))).toEqual([2, 1]);
    expect(state.rows["t"]?.count).toBe(2);
  });

  it("moves nothing for a task that is absent", () => {
    const pool = adatask();
    const values = [[1, -1], [9, 9]]; // prettier-ignore
    const shown = taskGradients({ parameters: [{ name: "p", values }], present: [true, false] });
    const { combined, state } = pool.pool(shown, poolContext({ tasks }), pool.init(tasks));
    expect([...combined.value("p")].map((x) => Number(x.toFixed(6)))).toEqual([1, -1]);
    expect([...state.counts]).toEqual([1, 0]);
  });
});
