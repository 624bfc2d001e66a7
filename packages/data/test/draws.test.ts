import { describe, expect, it } from "vitest";
import {
  bprSampler,
  generateShop,
  impressionsSampler,
  jointSampler,
  pairsSampler,
  pointwiseSampler,
  ratingSampler,
  type Sampler,
  splitBatch,
} from "../src/index.js";

/** One batch cut into disjoint ones, and examples held out from training. */

const set = generateShop({ users: 60, items: 40, seed: 2 });
type HoldOut = NonNullable<Parameters<typeof bprSampler>[1]["holdOut"]>;
const samplers: Record<string, (batchSize: number, holdOut?: HoldOut) => Sampler> = {
  bpr: (batchSize, holdOut) => bprSampler(set, { batchSize, negativesPerPositive: 2, ...(holdOut && { holdOut }) }),
  pointwise: (batchSize, holdOut) => pointwiseSampler(set, { batchSize, ...(holdOut && { holdOut }) }),
  joint: (batchSize, holdOut) => jointSampler(set, { batchSize, ...(holdOut && { holdOut }) }),
  impressions: (batchSize, holdOut) => impressionsSampler(set, { batchSize, ...(holdOut && { holdOut }) }),
  pairs: (batchSize, holdOut) => pairsSampler(set, { batchSize, relation: "category", ...(holdOut && { holdOut }) }),
  rating: (batchSize, holdOut) => ratingSampler(set, { batchSize, ...(holdOut && { holdOut }) }),
};
const kinds = Object.keys(samplers).filter((kind) => {
  try {
    samplers[kind]!(4);
    return true;
  } catch {
    return false;
  }
});

/** Every array of a batch, row by row: what its parts must give together. */
function rowsOf(batch: object): unknown[] {
  const { size } = batch as { size: number };
  return Array.from({ length: size }, (_, r) =>
    JSON.stringify(
      Object.entries(batch).map(([key, value]) => {
        if (key === "size" || key === "kind") return null;
        if (key === "fields") {
          return (value as { ids: Int32Array; offsets?: Int32Array }[]).map(({ ids, offsets }) =>
            offsets === undefined ? ids[r] : [...ids.subarray(offsets[r], offsets[r + 1])],
          );
        }
        const list =
          Array.isArray(value) && ArrayBuffer.isView(value[0]) ? (value as Float32Array[]) : [value as Float32Array];
        return list.map((own) => {
          if (!ArrayBuffer.isView(own)) return own;
          const width = own.length / size;
          return [...own.subarray(r * width, (r + 1) * width)];
        });
      }),
    ),
  );
}

describe.each(kinds)("a batch of %s", (kind) => {
  it.each([1, 2, 3])("is the rows of its %i parts, in their order", (parts) => {
    const batch = samplers[kind]!(11).next();
    const cut = splitBatch(batch, parts);
    expect(cut).toHaveLength(parts);
    const sizes = cut.map(({ size }) => size);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    expect(cut.flatMap(rowsOf)).toEqual(rowsOf(batch));
  });

  it("of one row goes to its first part", () => {
    const batch = samplers[kind]!(1).next();
    const [{ size: row }] = splitBatch(batch, 1) as unknown as [{ size: number }];
    const sizes = splitBatch(batch, row + 1).map(({ size }) => size);
    expect(sizes.slice(0, -1)).toEqual(Array.from({ length: row }, () => 1));
    expect(sizes.at(-1)).toBe(0);
  });

  it("is held out or trained on, never both, the same by seed", () => {
    const side = (part: "rest" | "held", seed = 4) => {
      const sampler = samplers[kind]!(7, { share: 0.2, part, seed });
      const seen: number[] = [];
      let rows = 0;
      for (let k = 0; k < sampler.batchesPerEpoch; k++) rows += sampler.next().size;
      seen.push(sampler.length, rows);
      return seen;
    };
    const whole = samplers[kind]!(7).length;
    const [held, rest] = [side("held"), side("rest")];
    expect(held[0]! + rest[0]!).toBe(whole);
    expect(held[0]).toBe(Math.max(1, Math.round(0.2 * whole)));
    expect(side("held")).toEqual(held);
  });
});

describe("held-out pairs", () => {
  const pairs = (part?: "rest" | "held", seed = 4, stream = 0): string[] => {
    const sampler = bprSampler(set, {
      batchSize: 16,
      stream,
      ...(part !== undefined && { holdOut: { share: 0.3, part, seed } }),
    });
    return Array.from({ length: sampler.batchesPerEpoch }, () => {
      const { users, positives } = sampler.next();
      return [...users].map((user, k) => `${user} ${positives[k]}`);
    })
      .flat()
      .sort();
  };

  it("and the rest are all pairs, each on one side, whatever the stream", () => {
    expect([...pairs("rest"), ...pairs("held", 4, 7)].sort()).toEqual(pairs());
    expect(pairs("held", 4, 1)).toEqual(pairs("held", 4, 2));
    expect(pairs("held", 5)).not.toEqual(pairs("held", 4));
  });

  it("resume where they were", () => {
    const make = () => bprSampler(set, { batchSize: 5, holdOut: { share: 0.5, part: "held" } });
    const [one, other] = [make(), make()];
    for (let k = 0; k < 9; k++) one.next();
    other.restore(one.state());
    for (let k = 0; k < 9; k++) expect(rowsOf(other.next())).toEqual(rowsOf(one.next()));
  });

  it.each([0, 1, Number.NaN, -0.1])("refuse a share of %d", (share) => {
    expect(() => bprSampler(set, { batchSize: 4, holdOut: { share, part: "rest" } })).toThrow(/holdOut.share is/);
  });
});
