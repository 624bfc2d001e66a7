import { isGradpoolError, type Method, taskGradients, taskSet } from "@gradpool/core";
import { assert, fail } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { creator, poolsOf } from "./create.js";
import { contextAt, mixedFor, mixedStep, shownTo, type Step, tasksFor } from "./scenario.js";

/** A gradient that is not finite is an error that says where. */
export function failureCases(method: Method): ConformanceCase[] {
  const blind = creator(method)().needs === "losses" ? "not applicable: it looks at no gradients" : undefined;
  const { mixedStep: step } = mixedFor(method);
  const refusals = method.tables === undefined ? [] : [refusesTables(method)];
  const finite = poolsOf(method).map(({ label, make }) =>
    check(
      "errors",
      `refuses a gradient that is not finite${label}, naming step, task and parameter`,
      () => {
        for (const value of [NaN, Infinity, -Infinity]) {
          for (const parameter of ["weights", "table"]) {
            const message = refusal(() => {
              const tasks = tasksFor(method);
              const pool = make();
              const { gradients, ...others } = shownTo(pool, poison(step(tasks, 1), parameter, value), 0);
              pool.pool(gradients, { ...contextAt({ tasks, steps: [] }, 17), ...others }, pool.init(taskSet(tasks)));
            });
            for (const part of ["step 17", "task1", parameter]) {
              assert(message.includes(part), () => `"${message}" does not say ${part}`);
            }
          }
        }
      },
      blind,
    ),
  );
  return [...finite, ...refusals];
}

function refusesTables(method: Method): ConformanceCase {
  return check("errors", `refuses an embedding table, naming it (${method.tables})`, () => {
    const pool = creator(method)();
    const run = (): unknown =>
      pool.pool(taskGradients(mixedStep(3, 1)), contextAt({ tasks: 3, steps: [] }, 1), pool.init(taskSet(3)));
    assert(refusal(run, "unsupported").includes("table"), () => "the error does not name the table");
  });
}

/** A step whose second task has one bad coordinate. */
function poison(step: Step, parameter: string, value: number): Step {
  for (const given of step.parameters) {
    if (given.name !== parameter) continue;
    const array = ("values" in given ? given.values[1] : given.rows[1]?.values) as Float64Array;
    array[1] = value;
  }
  return step;
}

function refusal(run: () => unknown, code = "non-finite"): string {
  try {
    run();
  } catch (error) {
    if (!isGradpoolError(error)) return fail(`not a GradpoolError: ${String(error)}`);
    assert(error.code === code, () => `code is ${error.code}, not ${code}`);
    return error.message;
  }
  return fail("nothing was thrown");
}
