import { ew } from "@gradpool/ew";
import { gradCraft } from "@gradpool/gradcraft";
import { metaBalance } from "@gradpool/metabalance";
import { multiBalance, type MultiBalanceOptions } from "@gradpool/multibalance";
import { pcgrad } from "@gradpool/pcgrad";
import { pmtRec } from "@gradpool/pmtrec";
import { rlw } from "@gradpool/rlw";
import { createRandom, type GradientPool, poolContext, taskGradients, taskSet } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { expectClose, flatten, type GoldenRecord, goldenRecords, goldenSteps, goldenTitle } from "./load.js";
import { naiveGradcraft, naivePcgrad } from "./naive.js";
import { poolSteps } from "./pool.js";
import { referenceFault } from "./reference-faults.js";

type Steps = readonly (readonly (readonly number[])[])[];

const ascending = (tasks: number): number[][] =>
  Array.from({ length: tasks }, () => Array.from({ length: tasks }, (_, i) => i));
const size = (values: unknown): number => Math.max(...flatten(values).map(Math.abs));
const number = (record: GoldenRecord, name: string): number => Number(record.options[name] ?? 0);

/** The expected vector of each step. */
function outputs(record: GoldenRecord, steps: Steps): number[][] {
  return steps.length === 1 && record.input.steps === undefined
    ? [flatten(record.output)]
    : (record.output as unknown[]).map(flatten);
}

function run(
  record: GoldenRecord,
  pool: GradientPool,
  orders?: readonly (readonly number[])[],
): { steps: Steps; got: number[][] } {
  const steps = goldenSteps(record);
  const { steps: got } = poolSteps(pool, steps, {
    order: orders ?? ascending((steps[0] as Steps[number]).length),
    ...(record.input.shapes === undefined ? {} : { shapes: record.input.shapes }),
  });
  return { steps, got: got.map(({ combined }) => combined) };
}

function matches(record: GoldenRecord, pool: GradientPool): void {
  const { steps, got } = run(record, pool, record.input.orders);
  const want = outputs(record, steps);
  expect(got.length).toBe(want.length);
  got.forEach((vector, k) => expectClose(vector, want[k], { scale: size(steps[k]) }));
}

function each(method: string | ((method: string) => boolean), test: (record: GoldenRecord) => void): void {
  const records = goldenRecords((r) => (typeof method === "string" ? r.method === method : method(r.method)));
  expect(records.length).toBeGreaterThan(0);
  for (const record of records) {
    const fault = referenceFault(record);
    it(`${fault === undefined ? "matches" : `gives the defined answer where the reference fails (${fault}):`} ${goldenTitle(record)}`, () =>
      test(record));
  }
}

describe("equal weighting", () => {
  each("Sum", (record) => {
    if (record.input.losses === undefined) matches(record, ew());
    else expect(record.options["kind"]).toBe("scalarizer");
  });
  each("Mean", (record) => {
    if (record.input.losses === undefined) matches(record, ew({ reduction: "mean" }));
    else expect(record.options["kind"]).toBe("scalarizer");
  });
});

describe("MetaBalance", () => {
  const strategies = { A: "reduce", B: "enlarge", C: "both" } as const;
  each(
    (method) => method.startsWith("MetaBalance"),
    (record) => {
      const strategy = strategies[(record.method.split("-")[1] ?? "C") as keyof typeof strategies];
      const pool = metaBalance({ relax: number(record, "relax_factor"), beta: number(record, "beta"), strategy });
      if (referenceFault(record) === undefined) return matches(record, pool);
      const { steps, got } = run(record, pool);
      const [first, second] = steps as [Steps[number], Steps[number]];
      const want = outputs(record, steps);
      // Step 1, by hand: a zero auxiliary leaves the target alone; a zero target leaves (1 − r) of the auxiliary.
      expectClose(
        got[0],
        record.input.case === "zero_aux_first_step" ? first[0] : (first[1] ?? []).map((x) => 0.3 * x),
      );
      expectClose(got[1], want[1], { scale: size(second) });
    },
  );
});

describe("PCGrad", () => {
  each("PCGrad", (record) => {
    const reduction = /mean/.test(String(record.options["reduction"] ?? record.options["reduction_effective"]))
      ? "mean"
      : "sum";
    const fault = referenceFault(record);
    const pool = pcgrad({ reduction });
    if (fault === undefined) return matches(record, pool);
    if (fault === "head parameters take part in norms and projections") return headsStayOut(record, pool);
    const [gradients] = goldenSteps(record) as [Steps[number]];
    const orders = ascending(gradients.length);
    const { got } = run(record, pool);
    expectClose(got[0], naivePcgrad(gradients, { orders, reduction }), { scale: size(gradients) });
    if (fault === "an absolute epsilon of 1e-8 is added to squared norms") {
      expectClose(naivePcgrad(gradients, { orders, reduction, self: true, eps: 1e-8 }), record.output, {
        scale: size(gradients),
      });
    }
    if (fault === "a row is projected against its own original") {
      expectClose(naivePcgrad(gradients, { orders, reduction, self: true }), record.output, { scale: size(gradients) });
    }
  });

  each("PCGrad-expected", (record) => {
    const steps = goldenSteps(record);
    const pairs = [0, 1, 2].map((i) => [0, 1, 2].filter((j) => j !== i));
    const all = Array.from({ length: 8 }, (_, bits) =>
      pairs.map((pair, i) => ((bits >> i) & 1 ? [...pair].reverse() : pair)),
    );
    const runs = all.map((order) => poolSteps(pcgrad(), steps, { order }).steps[0]?.combined as number[]);
    const mean = (runs[0] as number[]).map(
      (_, k) => runs.reduce((sum, run) => sum + (run[k] as number), 0) / runs.length,
    );
    expectClose(mean, record.output, { scale: size(steps) });
  });
});

describe("GradCraft", () => {
  each(
    (method) => method === "GradCraft" || method.startsWith("GlobalPCGrad"),
    (record) => {
      const tau = number(record, "r(tau)");
      const epsilon = number(record, "e(epsilon)");
      const pool = gradCraft({ tau, epsilon, beta: number(record, "b") });
      const fault = referenceFault(record);
      if (fault === undefined) return matches(record, pool);
      if (fault === "head parameters take part in norms and projections") return headsStayOut(record, pool);
      const [gradients] = goldenSteps(record) as [Steps[number]];
      const { got } = run(record, pool);
      expectClose(got[0], naiveGradcraft(gradients, tau, epsilon), { scale: size(gradients) });
    },
  );
});

/** Ours never sees heads; given shared and head coordinates as one gradient it reproduces the leak. */
function headsStayOut(record: GoldenRecord, pool: GradientPool): void {
  const shared = record.input["shared_gradients"] as Steps[number];
  const heads = record.input["head_gradients"] as Steps[number];
  const width = (heads[0] as readonly number[]).length;
  const together = shared.map((row, i) => [
    ...row,
    ...heads.flatMap((head, j) => (i === j ? head : Array.from({ length: width }, () => 0))),
  ]);
  const order = ascending(shared.length);
  const leaking = poolSteps(pool, [together], { order }).steps[0]?.combined as number[];
  const sharedWidth = (shared[0] as readonly number[]).length;
  expectClose(leaking.slice(0, sharedWidth), record.output, { scale: size(shared) });
  const ours = poolSteps(pool, [shared], { order }).steps[0]?.combined as number[];
  const reduction = "mean";
  const defined =
    record.method === "PCGrad"
      ? naivePcgrad(shared, { orders: order, reduction })
      : naiveGradcraft(shared, number(record, "r(tau)"), number(record, "e(epsilon)"));
  expectClose(ours, defined, { scale: size(shared) });
}

describe("PMTRec", () => {
  each("PMTRec", (record) => {
    const pool = pmtRec({ alpha: number(record, "alpha"), tau: number(record, "tau") });
    const steps = record.input.steps as readonly {
      readonly epoch: number;
      readonly gradients: readonly (readonly (readonly number[])[])[];
    }[];
    const want = record.output as unknown as readonly { readonly weights: number[][]; readonly combined: number[][] }[];
    steps.forEach(({ epoch, gradients }, k) => {
      const rows = gradients.map((table) => ({ ids: table.map((_, r) => r), values: table.flat() }));
      const width = gradients[0]?.[0]?.length as number;
      const tasks = taskSet(gradients.length, number(record, "target"));
      const { combined } = pool.pool(
        taskGradients({ parameters: [{ name: "table", width, rows }] }),
        poolContext({ tasks, epoch, step: k + 1 }),
        pool.init(tasks),
      );
      const weights = combined.weights?.weights as Float64Array;
      const transposed = want[k]?.weights.map((row, t) =>
        row.map((_, r) => weights[r * gradients.length + t] as number),
      );
      expectClose(transposed, want[k]?.weights, { scale: 1 });
      expectClose(combined.value("table"), want[k]?.combined, { scale: size(gradients) });
    });
    expect(steps.length).toBe(want.length);
  });
});

describe("MultiBalance", () => {
  each("MultiBalance", (record) => {
    const { case: _case, ...options } = record.options;
    const pool = multiBalance(options as unknown as MultiBalanceOptions);
    const steps = (record.input.steps as readonly { readonly gradients: readonly (readonly number[])[] }[]).map(
      (step) => step.gradients,
    );
    const want = record.output as unknown as readonly {
      readonly lambda: number[];
      readonly weights: number[];
      readonly combined: number[];
    }[];
    let state = pool.init(taskSet(steps[0]?.length as number));
    steps.forEach((gradients, k) => {
      const tasks = taskSet(gradients.length);
      const result = pool.pool(
        taskGradients({ parameters: [{ name: "representation", values: gradients }] }),
        poolContext({ tasks, step: k + 1 }),
        state,
      );
      state = result.state;
      expectClose(state?.groups[""]?.lambda, want[k]?.lambda, { scale: 1 });
      expectClose(result.combined.weights?.weights, want[k]?.weights);
      expectClose(result.combined.value("representation"), want[k]?.combined, { scale: size(gradients) });
    });
    expect(steps.length).toBe(want.length);
  });
});

describe("RLW", () => {
  each("RLW (Random)", (record) => {
    const gradients = record.input["gradients"] as readonly (readonly number[])[];
    const draws = [...(record.input["z"] as readonly number[])];
    const tasks = taskSet(gradients.length);
    const random = { ...createRandom(0), normal: () => draws.shift() as number };
    const pool = rlw();
    const { combined } = pool.pool(
      taskGradients({ parameters: [{ name: "p", values: gradients }] }),
      { ...poolContext({ tasks }), random },
      pool.init(tasks),
    );
    expectClose(combined.weights?.weights, record.weights);
    expectClose(combined.value("p"), record.output);
  });

  each("RLW moments", (record) => {
    const tasks = taskSet(number(record, "T"));
    const pool = rlw();
    const gradients = taskGradients({ parameters: [{ name: "p", values: tasks.names.map(() => [1]) }] });
    const steps = 40_000;
    const sums = [0, 0, 0];
    const squares = [0, 0, 0];
    for (let step = 1; step <= steps; step++) {
      const { combined } = pool.pool(gradients, poolContext({ tasks, seed: 7, step }), null);
      combined.weights?.weights.forEach((w, i) => {
        sums[i] = (sums[i] as number) + w;
        squares[i] = (squares[i] as number) + w * w;
      });
    }
    const means = sums.map((sum) => sum / steps);
    const variances = squares.map((square, i) => square / steps - (means[i] as number) ** 2);
    // Five standard errors of both estimates: 40,000 draws here, 400,000 in the record (standard deviation 0.222).
    const error = 5 * 0.222 * Math.sqrt(1 / steps + 1 / 400_000);
    means.forEach((mean, i) =>
      expect(Math.abs(mean - ((record["mean"] as number[])[i] as number))).toBeLessThan(error),
    );
    variances.forEach((value, i) =>
      expect(Math.abs(value - ((record["var"] as number[])[i] as number))).toBeLessThan(error / 2),
    );
  });
});
