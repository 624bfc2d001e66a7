import { describe, expect, it } from "vitest";
import { chunkCount, HEADER, makeRanker, NEXT, PER_CHUNK, runChunk, work } from "../src/topk/chunks.js";
import { startHelpers } from "../src/topk/threads.js";
import { makeJob } from "../src/topk/validate.js";

describe("helper threads", () => {
  it("a chunk that a helper took and never finished is ranked by the calling thread", () => {
    const users = Float32Array.from({ length: 1200 }, (_, i) => i);
    const job = makeJob({ users, items: Float32Array.of(1, 3, 2), dim: 1, k: 1 }, "test");
    const output = { items: new Int32Array(1200).fill(-1), scores: new Float32Array(1200) };
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
