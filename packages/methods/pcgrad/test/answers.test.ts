import type { GradientPool } from "@gradpool/core";
import {
  answersTo,
  expectAnswers,
  expectClose,
  type GoldenRecord,
  inOrder,
  largest,
  poolSteps,
  readGolden,
  recordsOf,
  sharedAndHeads,
  stepsOf,
  titleOf,
} from "@gradpool/testkit/golden";
import { describe, it } from "vitest";
import { pcgrad } from "../src/index.js";
import { naivePcgrad } from "./naive.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

const reductionOf = ({ options }: GoldenRecord): "sum" | "mean" =>
  /mean/.test(String(options["reduction"] ?? options["reduction_effective"])) ? "mean" : "sum";

/** Ours never sees heads; given shared and head coordinates as one gradient it reproduces the leak. */
function headsStayOut(record: GoldenRecord, pool: GradientPool): void {
  const { shared, together } = sharedAndHeads(record);
  const order = inOrder(shared.length);
  const scale = largest(shared);
  const leaking = poolSteps(pool, [together], { order }).steps[0]?.combined as number[];
  expectClose(leaking.slice(0, shared[0]?.length), record.output, { scale });
  const ours = poolSteps(pool, [shared], { order }).steps[0]?.combined;
  expectClose(ours, naivePcgrad(shared, { orders: order, reduction: "mean" }), { scale });
}

/** The pool against the rule on the vectors themselves; and that the named fault explains what was recorded. */
function definedAnswer(record: GoldenRecord, pool: GradientPool): void {
  const [gradients = []] = stepsOf(golden, record);
  const rule = { orders: inOrder(gradients.length), reduction: reductionOf(record) };
  const scale = largest(gradients);
  expectClose(answersTo(golden, record, pool)[0], naivePcgrad(gradients, rule), { scale });
  if (record.fault === "an absolute epsilon of 1e-8 is added to squared norms") {
    expectClose(naivePcgrad(gradients, { ...rule, self: true, eps: 1e-8 }), record.output, { scale });
  }
  if (record.fault === "a row is projected against its own original") {
    expectClose(naivePcgrad(gradients, { ...rule, self: true }), record.output, { scale });
  }
}

describe("PCGrad answers as recorded", () => {
  for (const record of recordsOf(golden, { method: "PCGrad" })) {
    const pool = pcgrad({ reduction: reductionOf(record) });
    const { fault } = record;
    if (fault === undefined) {
      it(`matches ${titleOf(record)}`, () => expectAnswers(golden, record, pool));
    } else {
      it(`gives the defined answer where the reference fails (${fault}): ${titleOf(record)}`, () => {
        if (record.input["head_gradients"] !== undefined) headsStayOut(record, pool);
        else definedAnswer(record, pool);
      });
    }
  }

  for (const record of recordsOf(golden, { method: "PCGrad-expected" })) {
    it(`has the expectation over all orders as its mean: ${titleOf(record)}`, () => {
      const steps = stepsOf(golden, record);
      const pairs = [0, 1, 2].map((i) => [0, 1, 2].filter((j) => j !== i));
      const orders = Array.from({ length: 8 }, (_, bits) =>
        pairs.map((pair, i) => ((bits >> i) & 1 ? [...pair].reverse() : pair)),
      );
      const runs = orders.map((order) => poolSteps(pcgrad(), steps, { order }).steps[0]?.combined as number[]);
      const sum = (k: number): number => runs.reduce((total, run) => total + (run[k] as number), 0);
      expectClose(
        runs[0]?.map((_, k) => sum(k) / runs.length),
        record.output,
        { scale: largest(steps) },
      );
    });
  }
});
