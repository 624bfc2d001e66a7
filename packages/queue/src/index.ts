export { openQueue, type OpenQueue, type QueueOptions } from "./bench/open-queue.js";
export type { WorkerEvent } from "./worker/events.js";
export { serve, type ServeOptions, type Served } from "./worker/serve.js";
export { trialName } from "./shared/trial-name.js";
