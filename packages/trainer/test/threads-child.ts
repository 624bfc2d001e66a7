/** The process of threads.test.ts that must end by itself: trains on two threads, and leaves them or lets them go. */
import type { GradientPool } from "@gradpool/core";
import { bpr, mf } from "@gradpool/models";
import { pcgrad } from "@gradpool/pcgrad";
import { createEngine } from "../src/index.js";
import { bprBatch } from "./embedding-helpers.js";

/** What becomes of the engine. */
export type Way = "kept" | "disposed";
const way = process.argv[2] as Way;

const engine = createEngine({
  model: mf({ users: 900, items: 700, dim: 32, tasks: [bpr("a")] }),
  pool: pcgrad() as GradientPool,
  optimizer: { name: "adam", learningRate: 0.01 },
  threads: 2,
});
for (let step = 1; engine.threads < 2; step++) {
  engine.step({ step, epoch: 1, batches: [bprBatch(600, 900, 700, step)] });
  await new Promise((resolve) => setTimeout(resolve, 5));
}
console.log(`${engine.threads} threads`);
if (way === "disposed") engine.dispose();
