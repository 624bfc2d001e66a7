import { bench, describe } from "vitest";
import { auc, rankTopK } from "@gradpool/metrics";
import { plainRanker } from "../src/topk/plain.js";
import { makeJob } from "../src/topk/validate.js";

const [n, m, dim, k] = [512, 4096, 64, 20];
const fill = (length: number, step: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * step) * Math.cos(i * i));
const options = { users: fill(n * dim, 1.3), items: fill(m * dim, 0.7), dim, k };

describe("full ranking of 512 users × 4,096 items, d = 64, top 20", () => {
  bench("WebAssembly SIMD, one thread", () => void rankTopK({ ...options, threads: 1 }));
  bench(
    "plain TypeScript",
    () =>
      void plainRanker(makeJob(options, "bench"))(0, n, {
        items: new Int32Array(n * k),
        scores: new Float32Array(n * k),
        tied: new Int32Array(n),
      }),
    { iterations: 3, warmupIterations: 1 },
  );
});

describe("AUC of 200,000 rows", () => {
  const scores = fill(200_000, 0.01);
  const labels = Uint8Array.from(scores, (score, i) => (score + Math.sin(i) > 0 ? 1 : 0));
  bench("auc", () => void auc(scores, labels));
});
