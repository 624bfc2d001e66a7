import { isGradpoolError } from "@gradpool/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginTopK, rankTopK, rankTopKBy, rankTopKInChunks, type TopKOptions } from "@gradpool/metrics";
import { rankKernel } from "../src/topk/kernel.js";
import { plainRanker } from "../src/topk/plain.js";
import { makeJob } from "../src/topk/validate.js";
import { wasmRanker } from "../src/topk/wasm.js";
import type { Ranker } from "../src/topk/types.js";

/** Small problems of every awkward shape: ties, exclusions out of order and twice, K above the catalogue. */
const problem: fc.Arbitrary<TopKOptions> = fc
  .record({
    n: fc.integer({ min: 1, max: 70 }),
    m: fc.integer({ min: 1, max: 45 }),
    dim: fc.integer({ min: 1, max: 9 }),
    k: fc.integer({ min: 1, max: 50 }),
    seed: fc.integer(),
    whole: fc.boolean(),
    biased: fc.boolean(),
    some: fc.boolean(),
  })
  .map(({ n, m, dim, k, seed, whole, biased, some }) => {
    let state = seed >>> 0;
    const next = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const value = (): number => (whole ? Math.floor(next() * 5) - 2 : next() * 2 - 1);
    const offsets = new Int32Array(n + 1);
    const excluded: number[] = [];
    for (let u = 0; u < n; u++) {
      const size = Math.floor(next() * 1.2 * m);
      for (let i = 0; i < size; i++) excluded.push(Math.floor(next() * m));
      offsets[u + 1] = excluded.length;
    }
    return {
      users: Float32Array.from({ length: n * dim }, value),
      items: Float32Array.from({ length: m * dim }, value),
      dim,
      k,
      exclude: { offsets, items: Int32Array.from(excluded) },
      ...(biased && { bias: Float32Array.from({ length: m }, value) }),
      ...(some && { userIds: Int32Array.from({ length: Math.ceil(n / 2) }, () => Math.floor(next() * n)) }),
    };
  });

/** Sorts all scores: the ranking by its definition. */
function bySorting(options: TopKOptions): { items: number[]; scores: number[]; tied: number[] } {
  const { users, items, dim, k, exclude, userIds, bias } = options;
  const result = { items: [] as number[], scores: [] as number[], tied: [] as number[] };
  for (const user of userIds ?? Array.from({ length: users.length / dim }, (_, i) => i)) {
    const banned = new Set(exclude?.items.subarray(exclude.offsets[user]!, exclude.offsets[user + 1]!));
    const scored: { item: number; score: number }[] = [];
    for (let item = 0; item < items.length / dim; item++) {
      if (banned.has(item)) continue;
      let score = bias ? bias[item]! : 0;
      for (let j = 0; j < dim; j++) {
        score = Math.fround(score + Math.fround(users[user * dim + j]! * items[item * dim + j]!));
      }
      scored.push({ item, score });
    }
    scored.sort((a, b) => b.score - a.score || a.item - b.item);
    for (let rank = 0; rank < k; rank++) {
      result.items.push(scored[rank]?.item ?? -1);
      result.scores.push(scored[rank]?.score ?? -Infinity);
    }
    result.tied.push(scored.slice(k).filter(({ score }) => score === scored[k - 1]!.score).length);
  }
  return result;
}

function run(options: TopKOptions, make: (job: ReturnType<typeof makeJob>) => Ranker, chunk: number) {
  const job = makeJob(options, "test");
  const output = {
    items: new Int32Array(job.count * job.k).fill(-1),
    scores: new Float32Array(job.count * job.k).fill(-Infinity),
    tied: new Int32Array(job.count),
  };
  const ranker = make(job);
  for (let start = 0; start < job.count; start += chunk) ranker(start, Math.min(job.count, start + chunk), output);
  // Adding 0 makes -0 and 0 one: the order of the list does not tell them apart either.
  return { items: [...output.items], scores: [...output.scores].map((score) => score + 0), tied: [...output.tied] };
}

describe("rankTopK", () => {
  it("the kernel and its plain twin equal a full sort, bit for bit", () => {
    const kernel = rankKernel();
    expect(kernel).not.toBeNull();
    fc.assert(
      fc.property(problem, fc.integer({ min: 1, max: 80 }), (options, chunk) => {
        const expected = bySorting(options);
        expected.scores = expected.scores.map((score) => score + 0);
        expect(run(options, plainRanker, chunk)).toEqual(expected);
        expect(run(options, (job) => wasmRanker(job, kernel!), chunk)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("a catalogue of several tiles gives the same lists as the twin", () => {
    const dim = 2048;
    const fill = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => ((i * seed) % 17) - 8);
    const options = { users: fill(3 * dim, 7), items: fill(1100 * dim, 5), dim, k: 30 };
    expect(run(options, (job) => wasmRanker(job, rankKernel()!), 2)).toEqual(run(options, plainRanker, 3));
  });

  it("does not depend on the number of threads", () => {
    const n = 2100;
    const fill = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * seed));
    const options = { users: fill(n * 8, 1.1), items: fill(500 * 8, 0.7), dim: 8, k: 10 };
    const one = rankTopK({ ...options, threads: 1 });
    for (const threads of [2, 3, 16]) {
      const many = rankTopK({ ...options, threads });
      expect(many).toEqual(one);
      expect(many.items.buffer).toBeInstanceOf(ArrayBuffer);
    }
  });

  it("in chunks gives the same lists, pausing after each, and stops at the pause that throws", async () => {
    const n = 2100;
    const fill = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * seed));
    const options = { users: fill(n * 8, 1.1), items: fill(500 * 8, 0.7), dim: 8, k: 10, threads: 1 };
    let pauses = 0;
    const count = async (): Promise<void> => void pauses++;
    expect(await rankTopKInChunks(options, count)).toEqual(rankTopK(options));
    expect(pauses).toBe(5);
    for (const threads of [1, 3]) {
      let taken = 0;
      const stop = (): Promise<void> => (++taken === 2 ? Promise.reject(new Error("enough")) : Promise.resolve());
      await expect(rankTopKInChunks({ ...options, users: fill(9 * n * 8, 1.1), threads }, stop)).rejects.toThrow(
        "enough",
      );
      expect(taken).toBe(2);
    }
  });

  it("begun by other threads gives the same lists, whoever ranked them, and none once stopped", async () => {
    const fill = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * seed));
    const options = { users: fill(2100 * 8, 1.1), items: fill(500 * 8, 0.7), dim: 8, k: 10, threads: 2 };
    const begun = beginTopK(options);
    const next = beginTopK({ ...options, k: 3 });
    expect(await begun.finish(() => undefined)).toEqual(rankTopK(options));
    expect(await next.finish(() => undefined)).toEqual(rankTopK({ ...options, k: 3 }));
    const left = beginTopK({ ...options, threads: 1 });
    left.stop();
    let pauses = 0;
    await left.finish(async () => void pauses++);
    expect(pauses).toBe(0);
  });

  it("in parts gives the same lists in their order, as they are made, and stops where they are left", async () => {
    const fill = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * seed));
    const options = { users: fill(2100 * 8, 1.1), items: fill(500 * 8, 0.7), dim: 8, k: 10 };
    const whole = rankTopK(options);
    for (const threads of [1, 2, 3]) {
      const items: number[] = [];
      const scores: number[] = [];
      let rows = 0;
      for await (const part of beginTopK({ ...options, threads }).parts(() => undefined)) {
        rows += part.count;
        items.push(...part.items);
        scores.push(...part.scores);
      }
      expect(rows).toBe(2100);
      expect(Int32Array.from(items)).toEqual(whole.items);
      expect(Float32Array.from(scores)).toEqual(whole.scores);
    }
    let pauses = 0;
    for await (const part of beginTopK({ ...options, threads: 1 }).parts(async () => void pauses++)) {
      expect(part.count).toBe(512);
      break;
    }
    expect(pauses).toBe(1);
    const empty = beginTopK({ ...options, userIds: new Int32Array(0) }).parts(() => undefined);
    expect((await empty.next()).done).toBe(true);
  });

  it("in parts refuses a score that is no number where its turn comes", async () => {
    const users = Float32Array.from({ length: 2100 * 8 }, (_, i) => (i === 1500 * 8 ? Number.NaN : Math.sin(i)));
    const items = Float32Array.from({ length: 500 * 8 }, (_, i) => Math.cos(i));
    for (const threads of [1, 2]) {
      let rows = 0;
      const all = async (): Promise<void> => {
        for await (const part of beginTopK({ users, items, dim: 8, k: 10, threads }).parts(() => undefined))
          rows += part.count;
      };
      await expect(all()).rejects.toThrow(/the score of user 1500 and item 0 is NaN/);
      expect(rows).toBe(1024);
    }
  });

  it("does not depend on threads when few rows of a table are ranked, with exclusions", () => {
    const [n, m, dim] = [5000, 400, 8];
    const fill = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * seed));
    const options: TopKOptions = {
      users: fill(n * dim, 1.1),
      items: fill(m * dim, 0.7),
      dim,
      k: 10,
      userIds: Int32Array.from({ length: 2000 }, (_, i) => (i * 1237) % n),
      exclude: {
        offsets: Int32Array.from({ length: n + 1 }, (_, i) => 3 * i),
        items: Int32Array.from({ length: 3 * n }, (_, i) => (i * 31) % m),
      },
    };
    const expected = run(options, plainRanker, 512);
    for (const threads of [1, 3]) {
      const top = rankTopK({ ...options, threads });
      expect({
        items: [...top.items],
        scores: [...top.scores].map((score) => score + 0),
        tied: [...top.ties!.count],
      }).toEqual(expected);
    }
  });

  it("ranks infinite scores, and lists none that is excluded", () => {
    const top = rankTopK({
      users: Float32Array.of(1),
      items: Float32Array.of(-Infinity, 2, Infinity, 3),
      dim: 1,
      k: 4,
      exclude: { offsets: [0, 1], items: Int32Array.of(3) },
    });
    expect([...top.items]).toEqual([2, 1, 0, -1]);
    expect([...top.scores]).toEqual([Infinity, 2, -Infinity, -Infinity]);
  });

  it("takes no users, no items and no users to rank", () => {
    const none = new Float32Array(0);
    expect(rankTopK({ users: none, items: Float32Array.of(1), dim: 1, k: 2 }).items).toHaveLength(0);
    expect([...rankTopK({ users: Float32Array.of(1), items: none, dim: 1, k: 2 }).items]).toEqual([-1, -1]);
    expect(
      rankTopK({ users: Float32Array.of(1), items: Float32Array.of(1), dim: 1, k: 2, userIds: new Int32Array(0) })
        .count,
    ).toBe(0);
  });

  it.each([1, 2])("names the first user and item whose score is NaN, with %d threads", (threads) => {
    const users = new Float32Array(1500 * 2).fill(1);
    users[1203 * 2] = NaN;
    users[611 * 2 + 1] = NaN;
    let caught: unknown;
    try {
      rankTopK({ users, items: new Float32Array(40).fill(1), dim: 2, k: 3, threads });
    } catch (error) {
      caught = error;
    }
    expect(isGradpoolError(caught) && caught.code).toBe("non-finite");
    expect(String(caught)).toContain("the score of user 611 and item 0 is NaN");
  });

  it.each<[string, Partial<TopKOptions>, RegExp]>([
    ["dim", { dim: 0 }, /dim is 0/],
    ["k", { k: 1.5 }, /k is 1.5/],
    ["the shape of users", { users: new Float32Array(3) }, /users has 3 values, not a multiple of dim 2/],
    ["the shape of items", { items: new Float32Array(5) }, /items has 5 values/],
    ["bias", { bias: new Float32Array(1) }, /bias has 1 entries for 3 items/],
    ["userIds", { userIds: Int32Array.of(0, 2) }, /userIds\[1\] is 2 with 2 users/],
    ["the number of offsets", { exclude: { offsets: [0, 0], items: new Int32Array(0) } }, /do not fit 2 users/],
    ["descending offsets", { exclude: { offsets: [0, 2, 1], items: new Int32Array(1) } }, /below offsets\[1\]/],
    ["excluded ids", { exclude: { offsets: [0, 0, 1], items: Int32Array.of(3) } }, /user 1 lists item 3 of 3/],
    ["threads", { threads: 0 }, /threads is 0/],
  ])("refuses a wrong %s", (_, wrong, message) => {
    expect(() => rankTopK({ users: new Float32Array(4), items: new Float32Array(6), dim: 2, k: 2, ...wrong })).toThrow(
      message,
    );
  });
});

describe("rankTopKBy", () => {
  it("equals rankTopK when given the same scores", async () => {
    await fc.assert(
      fc.asyncProperty(problem, fc.integer({ min: 1, max: 9 }), async (options, block) => {
        const { users, items, dim, k, exclude, userIds, bias } = options;
        const itemCount = items.length / dim;
        const expected = rankTopK(options);
        const top = await rankTopKBy({
          userCount: users.length / dim,
          itemCount,
          k,
          block,
          ...(exclude && { exclude }),
          ...(userIds && { userIds }),
          score: (ids) =>
            Float32Array.from({ length: ids.length * itemCount }, (_, at) => {
              const user = ids[Math.floor(at / itemCount)]!;
              const item = at % itemCount;
              let score = bias ? bias[item]! : 0;
              for (let j = 0; j < dim; j++) {
                score = Math.fround(score + Math.fround(users[user * dim + j]! * items[item * dim + j]!));
              }
              return score;
            }),
        });
        expect(top.items).toEqual(expected.items);
        expect(top.ties).toEqual(expected.ties);
      }),
      { numRuns: 60 },
    );
  });

  it("waits for scores that come later, and refuses NaN and wrong lengths", async () => {
    const rank = (score: (ids: Int32Array) => Promise<Float32Array>) =>
      rankTopKBy({ userCount: 1, itemCount: 3, k: 2, score });
    const top = await rank(async () => Float32Array.of(1, 3, 2));
    expect([...top.items]).toEqual([1, 2]);
    await expect(rank(async () => Float32Array.of(1, NaN, 2))).rejects.toThrow(/user 0 and item 1 is NaN/);
    await expect(rank(async () => Float32Array.of(1))).rejects.toThrow(/returned 1 values for 1 users and 3 items/);
  });
});
