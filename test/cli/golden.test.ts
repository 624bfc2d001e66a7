/**
 * Every record of the seven methods through `gradpool pool`: one process, one array of requests. Where the reference
 * code is at fault, the answer is held against the package's own, which its tests prove to be the defined one.
 */
import { gradCraft } from "@gradpool/gradcraft";
import { metaBalance } from "@gradpool/metabalance";
import { pcgrad } from "@gradpool/pcgrad";
import { given, type GradientPool } from "@gradpool/core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  expectClose,
  flatten,
  type Golden,
  type GoldenRecord,
  inOrder,
  largest,
  type Matrix,
  outputsOf,
  poolSteps,
  recordsOf,
  stepsOf,
  titleOf,
} from "@gradpool/testkit/golden";
import { releasedGolden } from "../golden/released.js";
import { type PoolAnswer, poolRequests } from "./gradpool.js";

interface Question {
  readonly record: GoldenRecord;
  readonly request: Readonly<Record<string, unknown>>;
  /** The expected vector of each step. */
  readonly want: readonly (readonly number[])[];
  /** What errors are relative to, per step. */
  readonly scale: readonly number[];
}

const number = (record: GoldenRecord, name: string): number => Number(record.options[name] ?? 0);

/** All vectors as one: cases of one name are the same in every file. */
const golden: Golden = {
  cases: Object.assign({}, ...releasedGolden().map(({ cases }) => cases)) as Golden["cases"],
  sequences: Object.assign({}, ...releasedGolden().map(({ sequences }) => sequences)) as Golden["sequences"],
  loss_sequences: {},
  records: releasedGolden().flatMap(({ records }) => records),
};

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
  const steps = shared === undefined ? stepsOf(golden, record) : [shared];
  const tasks = (steps[0] as Matrix).length;
  const order = record.input.orders ?? inOrder(tasks);
  const { shapes } = record.input;
  const request = {
    method,
    options,
    order,
    ...given({ shapes }),
    ...(steps.length === 1 ? { gradients: steps[0] } : { steps: steps.map((gradients) => ({ gradients })) }),
  };
  const want =
    pool === undefined || record.fault === undefined
      ? outputsOf(golden, record)
      : poolSteps(pool, steps, { order, ...given({ shapes }) }).steps.map(({ combined }) => combined);
  return { record, request, want, scale: steps.map(largest) };
}

function rowsAndRepresentations(record: GoldenRecord): Question {
  const steps = record.input.steps as readonly { readonly epoch?: number; readonly gradients: unknown }[];
  const { case: _case, target, ...options } = record.options;
  const request = {
    method: record.method.toLowerCase(),
    options,
    steps: steps.map(({ epoch = 1, gradients }) => ({ epoch, gradients })),
    ...given({ target }),
    ...(record.method === "PMTRec" ? { rows: true } : {}),
  };
  const want = (record.output as unknown as readonly { readonly combined: unknown }[]).map((step) =>
    flatten(step.combined),
  );
  return { record, request, want, scale: steps.map(({ gradients }) => largest(gradients)) };
}

const questions: readonly Question[] = [
  ...golden.records.flatMap((record) => question(record) ?? []),
  ...recordsOf(golden, ({ method }) => method === "PMTRec" || method === "MultiBalance").map(rowsAndRepresentations),
];

describe("gradpool pool gives the golden vectors", () => {
  let answers: readonly PoolAnswer[] = [];
  beforeAll(async () => {
    answers = await poolRequests(questions.map(({ request }) => request));
  });

  questions.forEach(({ record, want, scale }, k) => {
    it(`${titleOf(record)} (${k})`, () => {
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
    const expected = recordsOf(golden, ({ method }) => mine.test(method)).length;
    expect(questions.filter(({ record }) => mine.test(record.method)).length).toBe(expected);
  });

  it("the mean of PCGrad over all orders is the expectation", async () => {
    const records = recordsOf(golden, { method: "PCGrad-expected" });
    const pairs = [0, 1, 2].map((i) => [0, 1, 2].filter((j) => j !== i));
    const orders = Array.from({ length: 8 }, (_, bits) =>
      pairs.map((pair, i) => ((bits >> i) & 1 ? [...pair].reverse() : pair)),
    );
    const requests = records.flatMap((record) =>
      orders.map((order) => ({ method: "pcgrad", gradients: stepsOf(golden, record)[0], order })),
    );
    const got = await poolRequests(requests);
    records.forEach((record, r) => {
      const runs = got.slice(r * 8, r * 8 + 8).map((answer) => flatten(answer.output?.[0]?.combined));
      const mean = (runs[0] as number[]).map((_, k) => runs.reduce((sum, run) => sum + (run[k] as number), 0) / 8);
      expectClose(mean, record.output, { scale: largest(stepsOf(golden, record)) });
    });
  });

  it("RLW's weights have the recorded mean and variance within five standard errors", async () => {
    const [record] = recordsOf(golden, { method: "RLW moments" }) as [GoldenRecord];
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
