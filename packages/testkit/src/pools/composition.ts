import { chain, definePool, type GradientPool, type Granularity, type Method } from "@gradpool/core";
import { assertClose, assertSame, norm } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { poolsOf } from "./create.js";
import { denseStep, mixedFor, normalMatrix, play, type Scenario, type Step, tasksFor } from "./scenario.js";

/** Chains, and tables as rows or as tensors. */
export function compositionCases(method: Method): ConformanceCase[] {
  const { mixedScenario } = mixedFor(method);
  return poolsOf(method).flatMap(({ label, make, granularity }) => {
    const pool = make();
    const whole = pool.mix === undefined ? "not applicable: it needs the gradients themselves" : undefined;
    const flat = granularity === "row" ? "not applicable: its groups are the rows" : whole;
    return [
      check(
        "composition",
        `is the same alone and as a chain of one${label}`,
        () => {
          const scenario = mixedScenario(tasksFor(method), 4);
          assertSame(play(chain(make()), scenario).combined, play(make(), scenario).combined, "a chain of one");
        },
        whole,
      ),
      check(
        "composition",
        `is the same before and after a pool that only adds up${label}`,
        () => {
          const scenario = mixedScenario(tasksFor(method), 4);
          const alone = play(make(), scenario).combined;
          close(play(chain(make(), sum("model")), scenario).combined, alone, "a sum after it");
          close(play(chain(sum(pool.granularity), make()), scenario).combined, alone, "a sum before it");
        },
        whole,
      ),
      check(
        "composition",
        `treats a table given as rows like the same table given whole${label}`,
        () => {
          const { rows, whole: dense } = tables(tasksFor(method));
          close(play(make(), rows).combined, play(make(), dense).combined, "rows against tensor");
        },
        flat,
      ),
      check(
        "composition",
        `treats each row on its own${label}`,
        () => {
          const { rows, apart } = tables(tasksFor(method));
          close(play(make(), rows).combined, play(make(), apart).combined, "rows against one tensor per row");
        },
        granularity === "row" ? whole : "not applicable: only rows are on their own",
      ),
    ];
  });
}

/** Equal weights that still read the Gram, so that chains really mix. */
function sum(granularity: Granularity): GradientPool {
  return definePool({
    name: "sum",
    options: {},
    granularity,
    mix: ({ size }) => ({ mixing: Array.from({ length: size * size }, (_, k) => Number(k % (size + 1) === 0)) }),
  }) as GradientPool;
}

function close(a: readonly Float64Array[], b: readonly Float64Array[], what: string): void {
  b.forEach((vector, k) =>
    assertClose(a[k] as Float64Array, vector, 1e-9 * (norm(vector) + 1e-300), `${what}, step ${k + 1}`),
  );
}

/** A 4 × 3 table, some rows untouched by some task: as rows, as one tensor, and as four tensors. */
function tables(tasks: number): { rows: Scenario; whole: Scenario; apart: Scenario } {
  const width = 3;
  const ids = [0, 1, 2, 3];
  const touched = (task: number, id: number): boolean => (task + id) % 3 !== 0;
  const data = [1, 2, 3].map((seed) =>
    normalMatrix(tasks, ids.length * width, seed).map((row, task) =>
      row.map((x, k) => (touched(task, Math.floor(k / width)) ? x : 0)),
    ),
  );
  const asRows = (matrix: number[][]): Step => ({
    parameters: [
      {
        name: "table",
        width,
        rows: matrix.map((row, task) => {
          const mine = ids.filter((id) => touched(task, id));
          return { ids: mine, values: mine.flatMap((id) => row.slice(id * width, (id + 1) * width)) };
        }),
      },
    ],
  });
  const asTensors = (matrix: number[][]): Step => ({
    parameters: ids.map((id) => ({
      name: `row${id}`,
      values: matrix.map((row) => row.slice(id * width, (id + 1) * width)),
    })),
  });
  const scenario = (steps: readonly Step[]): Scenario => ({ tasks, steps });
  return {
    rows: scenario(data.map(asRows)),
    whole: scenario(data.map((matrix) => denseStep(matrix))),
    apart: scenario(data.map(asTensors)),
  };
}
