import { describe, expect, it } from "vitest";
import {
  chain,
  defineLossPool,
  definePool,
  type GradientPool,
  GradpoolError,
  poolContext,
  taskGradients,
  taskSet,
} from "../../src/index.js";

/** What a step with the pool throws. */
function thrownBy(pool: GradientPool): GradpoolError {
  const gradients = taskGradients({ parameters: [{ name: "p", values: [[1], [2]] }] });
  try {
    const state = pool.init(taskSet(2));
    pool.pool(gradients, poolContext({ tasks: 2, step: 7, losses: [1, 2] }), state);
  } catch (error) {
    return error as GradpoolError;
  }
  throw new Error("nothing was thrown");
}

const mistake = (): never => {
  const weights = undefined as unknown as { length: number };
  return weights.length as never;
};

const rules: readonly (readonly [string, GradientPool])[] = [
  ["weigh", definePool({ name: "mine", options: {}, weigh: mistake }) as GradientPool],
  ["mix", definePool({ name: "mine", options: {}, mix: mistake }) as GradientPool],
  ["weigh of a loss pool", defineLossPool({ name: "mine", options: {}, weigh: mistake }) as GradientPool],
];

describe("an exception in a pool's own code", () => {
  it.each(rules)("says file and line, pool and step: %s", (_, pool) => {
    const error = thrownBy(pool);
    expect(error).toBeInstanceOf(GradpoolError);
    expect(error.code).toBe("failed");
    expect(error.what).toBe("TypeError: Cannot read properties of undefined (reading 'length')");
    expect(error.where).toMatch(/^mine, step 7, .*define\/own-code\.test\.ts:\d+:\d+$/);
    expect(error.remedy).toBe("the pool's own code threw this: mend it there");
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  it("says so in a chain, and where it comes from init", () => {
    const [, pool] = rules[0] as readonly [string, GradientPool];
    expect(thrownBy(chain(pool) as GradientPool).where).toMatch(/own-code\.test\.ts:\d+:\d+$/);
    const weigh = () => ({ weights: [1, 1] });
    const starts = definePool({ name: "starts", options: {}, init: mistake, weigh }) as GradientPool;
    expect(thrownBy(starts).where).toMatch(/^starts, .*own-code\.test\.ts:\d+:\d+$/);
    const loss = defineLossPool({ name: "starts", options: {}, init: mistake, weigh }) as GradientPool;
    expect(thrownBy(loss).where).toMatch(/^starts, .*own-code\.test\.ts:\d+:\d+$/);
  });

  it("names the row it was asked about, where rows come one by one", () => {
    const pool = definePool({
      name: "mine",
      options: {},
      granularity: "row",
      weigh: (gram, { row }) => (row === 5 ? mistake() : { weights: new Float64Array(gram.size).fill(1) }),
    });
    const rows = [{ ids: [2, 5, 7], values: [1, 2, 3] }];
    const gradients = taskGradients({ parameters: [{ name: "users", width: 1, rows }] });
    expect(() => pool.pool(gradients, poolContext({ tasks: 1, step: 7 }), pool.init(taskSet(1)))).toThrow(
      /\(mine, step 7, parameter users, row 5, .*own-code\.test\.ts:\d+:\d+\)/,
    );
  });

  it("passes on what is a GradpoolError already, and names what is not an Error", () => {
    const own = new GradpoolError({ code: "unsupported", what: "no", where: "here", remedy: "none" });
    const throws = (value: unknown): GradientPool =>
      definePool({
        name: "mine",
        options: {},
        weigh: () => {
          throw value;
        },
      }) as GradientPool;
    expect(thrownBy(throws(own))).toBe(own);
    expect(thrownBy(throws("text")).message).toBe(
      "thrown: text (mine, step 7): the pool's own code threw this: mend it there",
    );
  });

  it("leaves what a listener throws alone: that is not the pool's code", () => {
    const pool = definePool({
      name: "mine",
      options: {},
      weigh: ({ size }) => ({ weights: new Float64Array(size), diagnostics: {} }),
    });
    const report = (): never => {
      throw new RangeError("full");
    };
    const gradients = taskGradients({ parameters: [{ name: "p", values: [[1], [2]] }] });
    expect(() => pool.pool(gradients, poolContext({ tasks: 2, report }), pool.init(taskSet(2)))).toThrow(RangeError);
  });
});

describe("a rule that answers with nothing", () => {
  it("is told what to return", () => {
    const forgot = (() => undefined) as unknown as () => { weights: number[] };
    for (const pool of [
      definePool({ name: "mine", options: {}, weigh: forgot }),
      defineLossPool({ name: "mine", options: {}, weigh: forgot }),
    ]) {
      expect(thrownBy(pool as GradientPool).message).toBe("the answer is undefined (mine): return { weights }");
    }
    const weightsOfMix = (() => ({ weights: [1] })) as unknown as () => { mixing: number[] };
    expect(thrownBy(definePool({ name: "mine", options: {}, mix: weightsOfMix }) as GradientPool).message).toBe(
      'the answer is {"weights":[1]} (mine): return { mixing }',
    );
  });
});
