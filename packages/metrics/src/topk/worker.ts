import { workerData } from "node:worker_threads";
import { work } from "./chunks.js";
import type { Job, Output } from "./types.js";

/** A helper thread of `rankTopK`; bundled into src/generated/worker.ts by tsup.config.mjs. */
const { job, output, progress } = workerData as { job: Job; output: Output; progress: Int32Array };
work(job, output, progress);
