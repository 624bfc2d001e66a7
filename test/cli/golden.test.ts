/**
 * Every record of the seven methods through `gradpool pool`: one process, one array of requests. Where the reference
 * code is at fault, the answer is held against the package's own, which test/golden proves to be the defined one.
 */
import { gradCraft } from "@gradpool/gradcraft";
import { metaBalance } from "@gradpool/metabalance";
import { pcgrad } from "@gradpool/pcgrad";
import type { GradientPool } from "@gradpool/core";
import { beforeAll, describe, expect, it } from "vitest";
import { expectClose, flatten, type GoldenRecord, goldenRecords, goldenSteps, goldenTitle } from "../golden/load.js";
import { poolSteps } from "../golden/pool.js";
import { referenceFault } from "../golden/reference-faults.js";
import { type PoolAnswer, poolRequests } from "./gradpool.js";

type Matrix = readonly (readonly number[])[];

interface Question {
  readonly record: GoldenRecord;
  readonly request: Readonly<Record<string, unknown>>;
  /** The expected vector of each step. */
  readonly want: readonly (readonly number[])[];
  /** What errors are relative to, per step. */
  readonly scale: readonly number[];
}

const number = (record: GoldenRecord, name: string): number => Number(record.options[name] ?? 0);
const largest = (values: unknown): number => Math.max(...flatten(values).map(Math.abs));
const ascending = (tasks: number): number[][] =>
  Array.from({ length: tasks }, () => Array.from({ length: tasks }, (_, i) => i));

interface Asked {
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The same pool in this process, for records that the reference got wrong. */
  readonly pool?: GradientPool;
}

/** Which pool a record is about; undefined for methods that are not among the seven. */
function ask(record: GoldenRecord): Asked | undefined {
  const [name = "", strategy = "C"] = record.method.split(/[ -]/);
  if (record.method === "Sum" || record.method === "Mean") {
    if (record.input.losses !== undefined) return undefined; // weights of a sum of losses: nothing to pool
    return { method: "ew", options: { reduction: record.method.toLowerCase() } };
  }
  if (name === "MetaBalance") {
    const strategies: Record<string, "reduce" | "enlarge" | "both"> = { A: "reduce", B: "enlarge", C: "both" };
    const options = {
      relax: number(record, "relax_factor"),
      beta: number(record, "beta"),
      strategy: strategies[strategy] ?? "both",
    };
    return { method: "metabalance", options, pool: metaBalance(options) as GradientPool };
  }
  if (record.method === "PCGrad") {
    const stated = String(record.options["reduction"] ?? record.options["reduction_effective"]);
    const options = { reduction: /mean/.test(stated) ? "mean" : "sum" } as const;
    return { method: "pcgrad", options, pool: pcgrad(options) as GradientPool };
  }
  if (record.method === "GradCraft" || name === "GlobalPCGrad") {
    const options = {
      tau: number(record, "r(tau)"),
      epsilon: number(record, "e(epsilon)"),
      beta: number(record, "b"),
    };
    return { method: "gradcraft", options, pool: gradCraft(options) as GradientPool };
  }
  return undefined;
}

function question(record: GoldenRecord): Question | undefined {
  const asked = ask(record);
  if (asked === undefined) return undefined;
  const { method, options, pool } = asked;
  const shared = record.input["shared_gradients"] as Matrix | undefined;
  const steps = shared === undefined ? goldenSteps(record) : [shared];
  const tasks = (steps[0] as Matrix).length;
  const order = record.input.orders ?? ascending(tasks);
  const { shapes } = record.input;
  const request = {
    method,
    options,
    order,
    ...(shapes === undefined ? {} : { shapes }),
    ...(steps.length === 1 ? { gradients: steps[0] } : { steps: steps.map((gradients) => ({ gradients })) }),
  };
  const single = steps.length === 1 && record.input.steps === undefined;
  const want =
    pool === undefined || referenceFault(record) === undefined
      ? single
        ? [flatten(record.output)]
        : (record.output as unknown[]).map(flatten)
      : poolSteps(pool, steps, { order, ...(shapes === undefined ? {} : { shapes }) }).steps.map(
          (step) => step.combined,
        );
  return { record, request, want, scale: steps.map(largest) };
}

function rowsAndRepresentations(record: GoldenRecord): Question {
  const steps = record.input.steps as readonly { readonly epoch?: number; readonly gradients: unknown }[];
  const { case: _case, target, ...options } = record.options;
  const request = {
    method: record.method.toLowerCase(),
    options,
    steps: steps.map(({ epoch = 1, gradients }) => ({ epoch, gradients })),
    ...(target === undefined ? {} : { target }),
    ...(record.method === "PMTRec" ? { rows: true } : {}),
  };
  const want = (record.output as unknown as readonly { readonly combined: unknown }[]).map((step) =>
    flatten(step.combined),
  );
  return { record, request, want, scale: steps.map(({ gradients }) => largest(gradients)) };
}

const questions: readonly Question[] = [
  ...goldenRecords(() => true).flatMap((record) => question(record) ?? []),
  ...goldenRecords(({ method }) => method === "PMTRec" || method === "MultiBalance").map(rowsAndRepresentations),
];

describe("gradpool pool gives the golden vectors", () => {
  let answers: readonly PoolAnswer[] = [];
  beforeAll(async () => {
    answers = await poolRequests(questions.map(({ request }) => request));
  });

  questions.forEach(({ record, want, scale }, k) => {
    it(`${goldenTitle(record)} (${k})`, () => {
      const { output, error } = answers[k] as PoolAnswer;
      expect(error).toBeUndefined();
      expect(output?.length).toBe(want.length);
      output?.forEach(({ combined }, step) => expectClose(combined, want[step], { scale: scale[step] as number }));
    });
  });

  it("covers every record of the seven that a request can express: all but RLW's given draws", () => {
    const names = new Set(["ew", "metabalance", "pcgrad", "gradcraft", "pmtrec", "multibalance"]);
    expect(new Set(questions.map(({ request }) => request["method"]))).toEqual(names);
    const mine = /^(MetaBalance(-[ABC])?|PCGrad|GradCraft|GlobalPCGrad.*|PMTRec|MultiBalance)$/;
    const expected = goldenRecords(({ method }) => mine.test(method)).length;
    expect(questions.filter(({ record }) => mine.test(record.method)).length).toBe(expected);
  });

  it("the mean of PCGrad over all orders is the expectation", async () => {
    const records = goldenRecords({ method: "PCGrad-expected" });
    const pairs = [0, 1, 2].map((i) => [0, 1, 2].filter((j) => j !== i));
    const orders = Array.from({ length: 8 }, (_, bits) =>
      pairs.map((pair, i) => ((bits >> i) & 1 ? [...pair].reverse() : pair)),
    );
    const requests = records.flatMap((record) =>
      orders.map((order) => ({ method: "pcgrad", gradients: goldenSteps(record)[0], order })),
    );
    const got = await poolRequests(requests);
    records.forEach((record, r) => {
      const runs = got.slice(r * 8, r * 8 + 8).map((answer) => flatten(answer.output?.[0]?.combined));
      const mean = (runs[0] as number[]).map((_, k) => runs.reduce((sum, run) => sum + (run[k] as number), 0) / 8);
      expectClose(mean, record.output, { scale: largest(goldenSteps(record)) });
    });
  });

  it("RLW's weights have the recorded mean and variance within five standard errors", async () => {
    const [record] = goldenRecords({ method: "RLW moments" }) as [GoldenRecord];
    const draws = 20_000;
    const steps = Array.from({ length: draws }, () => ({ gradients: [[1], [1], [1]] }));
    const [answer] = await poolRequests([{ method: "rlw", seed: 11, steps }]);
    const weights = answer?.output?.map((step) => step.weights as readonly number[]) ?? [];
    expect(weights.length).toBe(draws);
    const error = 5 * 0.222 * Math.sqrt(1 / draws + 1 / 400_000); // standard deviation of one weight: 0.222
    for (const task of [0, 1, 2]) {
      const values = weights.map((w) => w[task] as number);
      const mean = values.reduce((sum, w) => sum + w, 0) / draws;
      const variance = values.reduce((sum, w) => sum + (w - mean) ** 2, 0) / draws;
      expect(Math.abs(mean - ((record["mean"] as number[])[task] as number))).toBeLessThan(error);
      expect(Math.abs(variance - ((record["var"] as number[])[task] as number))).toBeLessThan(error / 2);
    }
  });
});
