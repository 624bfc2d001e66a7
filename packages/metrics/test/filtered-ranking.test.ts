import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rankTopK, type TopKOptions } from "@gradpool/metrics";
import { filterRanker, worthAFilter } from "../src/topk/filter.js";
import { rankKernel } from "../src/topk/kernel.js";
import { plainRanker } from "../src/topk/plain.js";
import type { Job, Ranker } from "../src/topk/types.js";
import { makeJob } from "../src/topk/validate.js";
import { wasmRanker } from "../src/topk/wasm.js";

type Draw = () => number;

const normal = (next: Draw): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const times = (factor: number, make: (next: Draw) => Draw): ((next: Draw) => Draw) => {
  return (next) => {
    const value = make(next);
    return () => factor * value();
  };
};
const plain =
  (next: Draw): Draw =>
  () =>
    normal(next);

/** Coordinates of vectors, each kind hard on the filter in a way of its own; called once per vector. */
const kinds: Readonly<Record<string, (next: Draw) => Draw>> = {
  plain,
  integers: (next) => () => Math.floor(next() * 3) - 1,
  "many zero vectors": (next) => (next() < 0.6 ? () => 0 : plain(next)),
  "one nonzero coordinate": (next) => {
    let left = Math.floor(next() * 8);
    return () => (left-- === 0 ? normal(next) : 0);
  },
  "norms of all sizes": (next) => times(2 ** Math.floor(next() * 60 - 30), plain)(next),
  "norms fall as popularity does": (next) => times(Math.exp(2 * normal(next)), plain)(next),
  "nearly all alike": (next) => {
    let at = 0;
    return () => Math.sin(at++) + 1e-6 * next();
  },
  "alike but for the last bit": (next) => {
    let at = 0;
    return () => Math.fround(Math.sin(at++)) * (next() < 0.2 ? 1 + 2 ** -23 : 1);
  },
  "one direction": (next) => {
    const length = Math.floor(next() * 40) - 20;
    return () => length;
  },
  subnormal: times(1e-41, plain),
  "products that underflow": times(1e-23, plain),
  huge: times(1e17, plain),
  "too huge": (next) => times(next() < 0.05 ? 1.5e18 : 1, plain)(next),
};
const kindNames = Object.keys(kinds);

interface Case {
  readonly options: TopKOptions;
  readonly chunk: number;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    n: fc.integer({ min: 1, max: 20 }),
    m: fc.integer({ min: 1, max: 260 }),
    dim: fc.integer({ min: 1, max: 20 }),
    k: fc.integer({ min: 1, max: 25 }),
    seed: fc.integer(),
    users: fc.constantFrom(...kindNames),
    items: fc.constantFrom(...kindNames),
    bias: fc.constantFrom("none", "small", "large", "integers"),
    exclude: fc.constantFrom("none", "some", "most", "everything"),
    chunk: fc.integer({ min: 1, max: 24 }),
  })
  .map(({ n, m, dim, k, seed, users, items, bias, exclude, chunk }) => {
    let state = seed >>> 0;
    const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const vectors = (count: number, kind: string): Float32Array => {
      const out = new Float32Array(count * dim);
      for (let row = 0; row < count; row++) {
        const value = kinds[kind]!(next);
        for (let j = 0; j < dim; j++) out[row * dim + j] = value();
      }
      return out;
    };
    const share = { none: 0, some: 0.1, most: 0.95, everything: 1 }[exclude];
    const offsets = new Int32Array(n + 1);
    const excluded: number[] = [];
    for (let user = 0; user < n; user++) {
      for (let item = 0; item < m; item++) if (next() < share) excluded.push(item);
      offsets[user + 1] = excluded.length;
    }
    const biasOf: Readonly<Record<string, Draw>> = {
      small: () => 0.01 * normal(next),
      large: () => 1000 * normal(next),
      integers: () => Math.floor(3 * next()),
    };
    return {
      chunk,
      options: {
        users: vectors(n, users),
        items: vectors(m, items),
        dim,
        k,
        exclude: { offsets, items: Int32Array.from(excluded) },
        ...(bias !== "none" && { bias: Float32Array.from({ length: m }, () => biasOf[bias]!()) }),
      },
    };
  });

function run({ options, chunk }: Case, make: (job: Job) => Ranker) {
  const job = makeJob(options, "test");
  const output = {
    items: new Int32Array(job.count * job.k).fill(-1),
    scores: new Float32Array(job.count * job.k).fill(-Infinity),
    tied: new Int32Array(job.count),
  };
  const ranker = make(job);
  for (let start = 0; start < job.count; start += chunk) {
    expect(ranker(start, Math.min(job.count, start + chunk), output)).toBeUndefined();
  }
  return output;
}

const filtered =
  (exact: (job: Job) => Ranker) =>
  (job: Job): Ranker =>
    filterRanker(job, rankKernel("filter")!, () => exact(job));
const full = (job: Job): Ranker => wasmRanker(job, rankKernel()!);
const never = (): Ranker => () => {
  throw new Error("scored in full");
};

describe("the filtered ranking", () => {
  it("equals the plain definition bit for bit, ties counted, on 1,000 random and adversarial cases", () => {
    fc.assert(
      fc.property(cases, (one) => {
        expect(run(one, filtered(full))).toEqual(run(one, plainRanker));
      }),
      { numRuns: 1000 },
    );
  });

  /** Thousands of items, so that bounds rise, candidates are thinned out and users are done early. */
  const large = (kind: string, biased = false): Case => {
    const [n, m, dim] = [70, 3000, 24];
    let state = 5;
    const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const fill = (count: number, make: (next: Draw) => Draw): Float32Array => {
      const out = new Float32Array(count * dim);
      for (let row = 0; row < count; row++) {
        const value = make(next);
        for (let j = 0; j < dim; j++) out[row * dim + j] = value();
      }
      return out;
    };
    const bias = biased && { bias: Float32Array.from({ length: m }, () => normal(next)) };
    const options = { users: fill(n, plain), items: fill(m, kinds[kind]!), dim, k: 10, ...bias };
    return { chunk: n, options };
  };

  it.each(["plain", "norms fall as popularity does", "norms of all sizes", "huge"])(
    "scores no user in full where items differ: %s",
    (kind) => {
      const one = large(kind);
      expect(run(one, filtered(never))).toEqual(run(one, plainRanker));
    },
  );

  it("takes a bias as one more coordinate", () => {
    const one = large("plain", true);
    expect(run(one, filtered(never))).toEqual(run(one, plainRanker));
  });

  it("leaves to the full one only the users of whom nearly all items score alike", () => {
    const one = large("plain");
    one.options.users.fill(0, 24 * 7, 24 * 8);
    const rows: number[] = [];
    const exact =
      (job: Job): Ranker =>
      (start, stop, output) => {
        rows.push(start, stop);
        return full(job)(start, stop, output);
      };
    expect(run(one, filtered(exact))).toEqual(run(one, plainRanker));
    expect(rows).toEqual([7, 8]);
  });

  it("is what rankTopK takes for many users, and says which score is NaN like the full one", () => {
    const { options } = large("plain");
    expect(worthAFilter(makeJob(options, "test"))).toBe(true);
    options.items[24 * 1234] = Number.NaN;
    expect(() => rankTopK(options)).toThrow("the score of user 0 and item 1234 is NaN");
    options.items[24 * 1234] = Infinity;
    const expected = run({ options, chunk: 70 }, plainRanker);
    const { items, scores, ties } = rankTopK(options);
    expect({ items, scores, tied: ties!.count }).toEqual(expected);
  });
});
