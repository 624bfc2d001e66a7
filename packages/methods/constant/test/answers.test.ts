import { readFileSync } from "node:fs";
import { poolContext, taskGradients, taskSet } from "@gradpool/core";
import { expectClose, largest } from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { constant } from "../src/index.js";

interface Recorded {
  readonly source: string;
  readonly options: { readonly weights: readonly number[] };
  readonly input: {
    readonly case: string;
    readonly steps: readonly { readonly gradients: readonly number[][]; readonly present?: readonly boolean[] }[];
  };
  readonly output: readonly number[][];
  readonly weights: readonly number[][];
}

const { records } = JSON.parse(readFileSync(new URL("./golden2.json", import.meta.url), "utf8")) as {
  readonly records: readonly Recorded[];
};

describe("constant weights answer as recorded", () => {
  for (const { source, options, input, output, weights } of records) {
    it(`matches ${source} on ${input.case}`, () => {
      const tasks = taskSet(options.weights.length);
      const pool = constant(options);
      let state = pool.init(tasks);
      input.steps.forEach(({ gradients, present = gradients.map(() => true) }, k) => {
        const values = gradients.map((row, i) => (present[i] === true ? row : null));
        const shown = taskGradients({ parameters: [{ name: "p", values }], present });
        const result = pool.pool(shown, poolContext({ tasks, step: k + 1 }), state);
        state = result.state;
        expectClose(result.combined.value("p"), output[k], { scale: largest(gradients) });
        expectClose(result.combined.weights?.weights, weights[k]);
      });
    });
  }
});
