import { describe, expect, it } from "vitest";
import { defineLossPool, poolContext, taskGradients, taskSet } from "../../src/index.js";

const gradients = taskGradients({
  parameters: [
    {
      name: "p",
      values: [
        [1, 0],
        [0, 1],
      ],
    },
  ],
});
const tasks = taskSet(["buy", "click"]);

describe("defineLossPool", () => {
  it("needs no init and no state in its answers", () => {
    const pool = defineLossPool({
      name: "inverse",
      options: {},
      weigh: ({ values }) => ({ weights: values.map((loss) => 1 / loss) }),
    });
    const state = pool.init(tasks);
    expect(state).toBeNull();
    const result = pool.pool(gradients, poolContext({ tasks, losses: [2, 4] }), state);
    expect(result.combined.value("p")).toEqual(Float64Array.of(0.5, 0.25));
    expect(result.state).toBeNull();
  });

  it("keeps the state where an answer has none, and replaces it where it has", () => {
    const pool = defineLossPool<{ readonly seen: number } | null>({
      name: "counts",
      options: {},
      init: () => ({ seen: 0 }),
      weigh: ({ size }, { step }, state) => ({
        weights: Array(size).fill(1),
        ...(step === 2 ? {} : { state: step === 4 ? null : { seen: (state?.seen ?? 0) + 1 } }),
      }),
    });
    let state = pool.init(tasks);
    const seen: (number | undefined)[] = [];
    for (let step = 1; step <= 4; step++) {
      ({ state } = pool.pool(gradients, poolContext({ tasks, step, losses: [1, 1] }), state));
      seen.push(state?.seen);
    }
    expect(seen).toEqual([1, 1, 2, undefined]);
  });

  it("gives absent tasks nothing, and reads no losses where it says so", () => {
    const pool = defineLossPool({
      name: "even",
      options: {},
      readsLosses: false,
      weigh: ({ size, index, values }) => {
        expect([size, [...index], values.length]).toEqual([1, [1], 0]);
        return { weights: [3] };
      },
    });
    const part = taskGradients({ parameters: [{ name: "p", values: [[5], [1]] }], present: [false, true] });
    const { combined } = pool.pool(part, poolContext({ tasks }), pool.init(tasks));
    expect(combined.value("p")).toEqual(Float64Array.of(3));
  });

  it("refuses weights of the wrong number, and losses that are missing or not finite, by task and step", () => {
    const pool = defineLossPool({ name: "mine", options: {}, weigh: () => ({ weights: [1] }) });
    const run = (losses?: number[]) => () =>
      pool.pool(gradients, poolContext({ tasks, step: 3, ...(losses === undefined ? {} : { losses }) }), null);
    expect(run([1, 2])).toThrow("1 weights (mine): answer with 2, one per task that is present");
    expect(run()).toThrow("no loss given (mine, step 3, task buy)");
    expect(run([1, NaN])).toThrow("loss is NaN (mine, step 3, task click)");
  });
});
