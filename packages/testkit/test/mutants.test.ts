import type { GradientPool, Method } from "@gradpool/core";
import { definePool } from "@gradpool/core";
import { describe, expect, it } from "vitest";
import { expectClose, readGolden, recordsOf, stepsOf } from "../src/golden.js";
import { type ConformanceOptions, conformanceCases, type KnownAnswer } from "../src/index.js";
import { combinedAs, mutant, pcgrad, surgery, wrapped } from "./mutants.js";

const golden = readGolden(new URL("../../methods/pcgrad/test/golden.json", import.meta.url));
/** PCGrad's answers on three gradients of the golden vectors, in every order: what a self-projection changes. */
const known: KnownAnswer[] = recordsOf(golden, { source: "TorchJD", method: "PCGrad" })
  .filter((record) => record.input.case === "t3p2_self_matters")
  .map((record) => ({
    name: `three tasks in the order ${JSON.stringify(record.input.orders)}`,
    steps: stepsOf(golden, record),
    combined: [record.output as number[]],
    order: record.input.orders as number[][],
  }));

/** The names of the cases that the method fails, among those that apply and whose name matches. */
function failures(method: Method, options: ConformanceOptions = {}, among: RegExp = /./): string[] {
  return conformanceCases(method, { known, ...options })
    .filter((item) => item.skip === undefined && among.test(item.name))
    .filter((item) => {
      try {
        item.run();
        return false;
      } catch {
        return true;
      }
    })
    .map((item) => item.name);
}

const hidden = { calls: 0 };
const dated: Method = { ...pcgrad, paper: { ...pcgrad.paper, venue: "NeurIPS 2020" } };

const caught: readonly (readonly [string, Method, RegExp])[] = [
  ["the venue of its paper holds a year", dated, /describes itself/],
  ["the sign is wrong", surgery({ sign: 1 }), /conflicts with no task .* up to 2 tasks/],
  [
    "the denominator is the norm, not its square",
    surgery({ denominator: "norm" }),
    /conflicts with no task .* up to 2 tasks/,
  ],
  [
    "the denominator is the norm of the wrong task",
    surgery({ denominator: "own" }),
    /conflicts with no task .* up to 2 tasks/,
  ],
  ["a task is projected against itself", surgery({ self: true }), /known answer/],
  [
    "tasks are projected against projected tasks",
    surgery({ moving: true }),
    /conflicts with no task .* up to 2 tasks|known answer/,
  ],
  ["tasks that agree are projected too", surgery({ always: true }), /known answer/],
  [
    "an absolute epsilon hides small gradients",
    combinedAs((x) => (Math.abs(x) < 1e-8 ? 0 : x)),
    /scales with the gradients/,
  ],
  ["a constant is added", combinedAs((x) => x + 1e-3), /gives zero for zero/],
  ["the answer is NaN for a zero gradient", combinedAs((x) => x / (x === 0 ? 0 : 1)), /stays finite/],
  [
    "randomness is not the context's",
    combinedAs((x) => x * (1 + 1e-15 * Math.random())),
    /same bits again with the same seed/,
  ],
  ["a counter lives outside the state", combinedAs((x) => x + 1e-14 * hidden.calls++), /same bits/],
  [
    "the order of the tasks matters",
    combinedAs((x, gradients) => x * (1 + Math.max(0, ...(gradients.values("theta")[0] ?? [0])))),
    /does not depend on the order of the tasks/,
  ],
  [
    "the input is written to",
    wrapped((pool) => ({
      pool(gradients, context, state) {
        const result = pool.pool(gradients, context, state);
        const [first] = gradients.values(gradients.parameters[0]?.name ?? "") as Float64Array[];
        if (first !== undefined) first[0] = 2 * (first[0] ?? 0) + 1;
        return result;
      },
    })),
    /changes neither gradients, context nor state/,
  ],
  [
    "the state is written to",
    mutant((given) =>
      stateful(given, (state) => {
        state.count++;
        return state;
      }),
    ),
    /changes neither gradients, context nor state/,
  ],
  [
    "the state cannot be saved",
    mutant((given) => stateful(given, (state) => ({ ...state, seen: new Map() }))),
    /saved as JSON/,
  ],
  [
    "a gradient that is not finite is let through",
    wrapped((pool) => ({
      pool(gradients, context, state) {
        try {
          return pool.pool(gradients, context, state);
        } catch {
          return {
            combined: gradients.combine({ granularity: "model", weights: new Float64Array(gradients.tasks) }),
            state,
          };
        }
      },
    })),
    /refuses a gradient that is not finite/,
  ],
  [
    "absent tasks are averaged in",
    combinedAs((x, gradients) => x + (gradients.values(gradients.parameters[0]?.name ?? "")[1]?.[0] ?? 0)),
    /no absent task/,
  ],
  ["bad options are taken", { ...pcgrad, create: () => pcgrad.create() }, /refuses/],
  [
    "options are not resolved",
    { ...pcgrad, create: (given) => ({ ...(pcgrad.create(given) as GradientPool), options: {} }) },
    /resolved/,
  ],
];

/** A sum whose state is an object with a count. */
function stateful(given: object | undefined, next: (state: { count: number }) => object): GradientPool {
  const pool = pcgrad.create(given) as GradientPool;
  return {
    ...pool,
    ...definePool<object>({
      name: "pcgrad",
      options: { granularity: pool.granularity },
      granularity: pool.granularity,
      init: () => ({ count: 0 }),
      weigh: (gram, _context, state) => ({ weights: gram.norms.map(() => 1), state: next(state as { count: number }) }),
    }),
  } as GradientPool;
}

describe("the suite", () => {
  it("passes the right PCGrad", () => {
    expect(known.length).toBeGreaterThan(0);
    expect(failures(pcgrad)).toEqual([]);
  });

  it("passes a PCGrad written another way", () => {
    expect(failures(surgery({}))).toEqual([]);
  });

  for (const [name, method, expected] of caught) {
    it(`catches a PCGrad where ${name}`, () => {
      const failed = failures(method, { runs: 200 });
      expect(
        failed.some((item) => expected.test(item)),
        `failed: ${failed.join("; ")}`,
      ).toBe(true);
    });
  }

  it("names the reason of every skipped case", () => {
    const skipped = conformanceCases(pcgrad).filter((item) => item.skip !== undefined);
    expect(skipped.length).toBeGreaterThan(0);
    for (const item of skipped) expect(item.name).toContain(item.skip);
  });
});

describe("expectClose", () => {
  it("fails on a relative error above its tolerance, and on NaN", () => {
    expect(() => expectClose([1 + 2e-9], [1])).toThrow("coordinate 0");
    expect(() => expectClose([NaN], [1])).toThrow("NaN");
    expect(() => expectClose([1, 2], [1])).toThrow("2 numbers");
    expectClose([1 + 5e-10, 0], [1, 0]);
  });
});
