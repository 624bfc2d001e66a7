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
import { gradCraft } from "../src/index.js";
import { naiveGradcraft } from "./naive.js";

const golden = readGolden(new URL("./golden.json", import.meta.url));

/** Options that a record does not name are zero. */
const option = ({ options }: GoldenRecord, name: string): number => Number(options[name] ?? 0);

/** Ours never sees heads; given shared and head coordinates as one gradient it reproduces the leak. */
function headsStayOut(record: GoldenRecord, pool: GradientPool, tau: number, epsilon: number): void {
  const { shared, together } = sharedAndHeads(record);
  const order = inOrder(shared.length);
  const scale = largest(shared);
  const leaking = poolSteps(pool, [together], { order }).steps[0]?.combined as number[];
  expectClose(leaking.slice(0, shared[0]?.length), record.output, { scale });
  const ours = poolSteps(pool, [shared], { order }).steps[0]?.combined;
  expectClose(ours, naiveGradcraft(shared, tau, epsilon), { scale });
}

describe("GradCraft answers as recorded", () => {
  const records = recordsOf(golden, ({ method }) => method === "GradCraft" || method.startsWith("GlobalPCGrad"));
  for (const record of records) {
    const [tau, epsilon] = [option(record, "r(tau)"), option(record, "e(epsilon)")];
    const pool = gradCraft({ tau, epsilon, beta: option(record, "b") });
    const { fault } = record;
    if (fault === undefined) {
      it(`matches ${titleOf(record)}`, () => expectAnswers(golden, record, pool));
      continue;
    }
    it(`gives the defined answer where the reference fails (${fault}): ${titleOf(record)}`, () => {
      if (record.input["head_gradients"] !== undefined) return headsStayOut(record, pool, tau, epsilon);
      const [gradients = []] = stepsOf(golden, record);
      const scale = largest(gradients);
      expectClose(answersTo(golden, record, pool)[0], naiveGradcraft(gradients, tau, epsilon), { scale });
    });
  }
});
