import { poolContext, taskGradients, taskSet } from "@gradpool/core";
import { expectClose, largest, type Matrix, readGolden, recordsOf, titleOf } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { multiBalance, type MultiBalanceOptions } from "../src/index.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

interface Answer {
  readonly lambda: readonly number[];
  readonly weights: readonly number[];
  readonly combined: readonly number[];
}

describe("MultiBalance answers as recorded", () => {
  for (const record of recordsOf(golden, { method: "MultiBalance" })) {
    it(`matches ${titleOf(record)}`, () => {
      const { case: _case, ...options } = record.options;
      const pool = multiBalance(options as unknown as MultiBalanceOptions);
      const steps = (record.input.steps as readonly { readonly gradients: Matrix }[]).map((step) => step.gradients);
      const want = record.output as unknown as readonly Answer[];
      const tasks = taskSet(steps[0]?.length as number);
      let state = pool.init(tasks);
      steps.forEach((gradients, k) => {
        const result = pool.pool(
          taskGradients({ parameters: [{ name: "representation", values: gradients }] }),
          poolContext({ tasks, step: k + 1 }),
          state,
        );
        state = result.state;
        expectClose(state?.groups[""]?.lambda, want[k]?.lambda, { scale: 1 });
        expectClose(result.combined.weights?.weights, want[k]?.weights);
        expectClose(result.combined.value("representation"), want[k]?.combined, { scale: largest(gradients) });
      });
      expect(steps.length).toBe(want.length);
    });
  }
});
