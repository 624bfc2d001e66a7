/** The records of the second wave, sent as `gradpool pool` takes them: options by their names, steps as they stand. */
import type { JsonObject, JsonValue } from "@gradpool/core";
import { answerRequest } from "@gradpool/registry";
import { expectClose, flatten, type RecordedSteps } from "@gradpool/testkit/golden";
import { describe, expect, it } from "vitest";
import { releasedGolden } from "./released.js";

const records = releasedGolden("golden2.json").flatMap((golden) => golden.records as unknown as RecordedSteps[]);

/** MGDA-UB is `mgda` on the representation's gradients. One record is wrong: see mgda's own tests. */
const nameOf = (method: string): string => (method === "mgda-ub" ? "mgda" : method);
const beaten = "mgda-ub-898";

/** The authors' Neumann sum is an object of three numbers, which no option of a specifier is: its curvature is one. */
function optionsOf({ options, right_options }: RecordedSteps): JsonObject {
  const { neumann, ...rest } = right_options ?? options;
  return neumann === undefined ? rest : { ...rest, curvature: (neumann as { curvature: number }).curvature };
}

async function answer(record: RecordedSteps) {
  const { target, steps } = record.input;
  const value = {
    method: nameOf(record.method),
    options: optionsOf(record),
    steps,
    ...(target === undefined ? {} : { target }),
  };
  const said = await answerRequest({ value: value as unknown as JsonValue });
  if ("error" in said) throw new Error(`${record.id}: ${said.error.message}`);
  return said.output;
}

describe("a request", () => {
  for (const method of new Set(records.map((record) => record.method))) {
    const own = records.filter((record) => record.method === method && record.id !== beaten);
    it(`of ${method} is answered as recorded, ${own.length} times`, async () => {
      for (const record of own) {
        const output = await answer(record);
        if (record.undefined === true) continue;
        const want = record.right ?? record;
        const relative = Math.max(method === "sdmgrad" ? 1e-7 : 1e-9, record.tolerance ?? 0);
        output.forEach(({ combined, weights }, k) => {
          const rows = record.input.steps[k]?.gradients ?? [];
          const scale = Math.max(
            1e-300,
            ...flatten(rows).map(Math.abs),
            ...flatten(want.output?.[k] ?? []).map(Math.abs),
          );
          if (want.weights !== undefined && weights !== null) expectClose(weights, want.weights[k], { relative });
          if (want.output !== undefined && (want.weights === undefined || weights === null)) {
            expectClose(combined, want.output[k], { relative, scale });
          }
        });
      }
    });
  }

  it("carries every record that has come", () => {
    expect(records.length).toBe(631);
  });
});
