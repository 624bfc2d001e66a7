import { describe, expect, it } from "vitest";
import { chunkCount, FINISHED, HEADER, makeRanker, NEXT, PER_CHUNK, runChunk, work } from "../src/topk/chunks.js";
import { startHelpers } from "../src/topk/threads.js";
import { makeJob } from "../src/topk/validate.js";

/** A job of several chunks; all rows of the table, or a few of them in another order. */
function problem(few: boolean) {
  const [n, m, dim] = [3000, 200, 5];
  const fill = (length: number, seed: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => Math.sin(i * seed));
  const job = makeJob(
    {
      users: fill(n * dim, 1.1),
      items: fill(m * dim, 0.7),
      bias: fill(m, 3),
      dim,
      k: 7,
      ...(few && { userIds: Int32Array.from({ length: 1500 }, (_, i) => (i * 1237) % n) }),
      exclude: {
        offsets: Int32Array.from({ length: n + 1 }, (_, i) => 3 * i),
        items: Int32Array.from({ length: 3 * n }, (_, i) => (i * 31) % m),
      },
    },
    "test",
  );
  const cells = job.count * job.k;
  const output = {
    items: new Int32Array(new SharedArrayBuffer(4 * cells)).fill(-1),
    scores: new Float32Array(new SharedArrayBuffer(4 * cells)),
    tied: new Int32Array(new SharedArrayBuffer(4 * job.count)),
  };
  const progress = new Int32Array(new SharedArrayBuffer(4 * (HEADER + PER_CHUNK * chunkCount(job))));
  return { job, output, progress };
}

describe("helper threads", () => {
  it.each([false, true])("rank a whole job by themselves as this thread does (few rows of the table: %s)", (few) => {
    const { job, output, progress } = problem(few);
    startHelpers(job, output, progress, 2);
    // This thread takes no chunk: whatever is in the output, helpers have written.
    for (let done = 0; done < chunkCount(job); done = Atomics.load(progress, FINISHED)) {
      expect(Atomics.wait(progress, FINISHED, done, 60_000)).not.toBe("timed-out");
    }
    const own = problem(few);
    work(own.job, own.output, own.progress);
    expect(output.items).toEqual(own.output.items);
    expect(output.scores).toEqual(own.output.scores);
    expect(output.items.includes(-1)).toBe(false);
  });

  it("a chunk that a helper took and never finished is ranked by the calling thread", () => {
    const users = Float32Array.from({ length: 1200 }, (_, i) => i);
    const job = makeJob({ users, items: Float32Array.of(1, 3, 2), dim: 1, k: 1 }, "test");
    const output = { items: new Int32Array(1200).fill(-1), scores: new Float32Array(1200), tied: new Int32Array(1200) };
    const progress = new Int32Array(new SharedArrayBuffer(4 * (HEADER + PER_CHUNK * chunkCount(job))));
    // As if a helper had died after taking the first chunk.
    Atomics.add(progress, NEXT, 1);
    work(job, output, progress);
    expect(output.items[5]).toBe(-1);
    const rescued: number[] = [];
    startHelpers(job, output, progress, 0)!.wait((chunk) => {
      rescued.push(chunk);
      runChunk(job, makeRanker(job), output, chunk, progress);
    });
    expect(rescued).toEqual([0]);
    expect(output.items[5]).toBe(1);
    expect(output.items.includes(-1)).toBe(false);
  });
});
