import { gradCraft } from "@gradpool/gradcraft";
import { metaBalance } from "@gradpool/metabalance";
import { pcgrad } from "@gradpool/pcgrad";
import { pmtRec } from "@gradpool/pmtrec";
import { bench, describe } from "vitest";
import {
  createRandom,
  type GradientPool,
  poolContext,
  type TaskGradients,
  taskGradients,
  taskSet,
} from "@gradpool/core";

const rows = 15_000;
const width = 64;
const tasks = taskSet(3);

function batch(): TaskGradients {
  const random = createRandom(1);
  const table = () => ({
    ids: Int32Array.from({ length: rows }, (_, k) => k * 3),
    values: Float32Array.from({ length: rows * width }, () => random.uniform() - 0.5),
  });
  return taskGradients({ parameters: [{ name: "table", width, rows: [table(), table(), table()] }] });
}

const gradients = batch();

/** Decisions only: the Gram is computed before, as a trainer's kernels do. */
function decide<S>(name: string, pool: GradientPool<S>): void {
  const grams = gradients.gram("row", pool.needs === "norms" ? "norms" : "gram");
  let state = pool.init(tasks);
  let step = 0;
  bench(name, () => {
    step++;
    const decided = pool.mix?.(grams, poolContext({ tasks, step, donate: true }), state);
    state = decided?.state as S;
  });
}

describe(`weights of ${rows} rows, T = ${tasks.names.length}`, () => {
  decide("pmtrec", pmtRec());
  decide("metabalance", metaBalance({ granularity: "row" }));
  decide("pcgrad", pcgrad({ granularity: "row" }));
  decide("gradcraft", gradCraft({ granularity: "row" }));
});

describe(`Gram and combine of ${rows} rows × ${width}, T = ${tasks.names.length}, float32`, () => {
  bench("norms per row", () => {
    batchless("norms");
  });
  bench("Gram per row", () => {
    batchless("gram");
  });
  const weights = new Float64Array(rows * 3).fill(0.5);
  bench("combine per row", () => {
    gradients.combine({ granularity: "row", weights }).value("table");
  });
});

/** A second view of the same storage, so that no cached Gram is measured. */
function batchless(detail: "norms" | "gram"): void {
  const values = gradients.values("table") as readonly Float32Array[];
  const parameters = [{ name: "table", values }];
  taskGradients({ parameters }).gram("parameter", detail);
}
