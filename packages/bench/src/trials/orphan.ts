import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Looks at the parent so often, in milliseconds. */
const every = 500;

/**
 * Ends this process hard once the one that started it has been gone for so many milliseconds. Whoever is left alone ends by itself, which
 * takes it a checkpoint; this is for one whose code never comes back, such as a pool that hangs: it would keep its folder from
 * whoever goes on with the trial. A thread of its own looks, since the main one may not; it does once this answers.
 */
export async function endWithParent(grace: number): Promise<void> {
  const watch = new Worker(watching, { eval: true, execArgv: [], workerData: { parent: process.ppid, every, grace } });
  await once(watch, "message");
  watch.unref();
}

/** Runs as it stands, in CommonJS. */
const watching = `
const { parentPort, workerData: { parent, every, grace } } = require("node:worker_threads");
const isThere = () => {
  // Where orphans are adopted the parent changes; elsewhere it is looked for.
  if (process.ppid !== parent) return false;
  try {
    process.kill(parent, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
};
let alone = 0;
setInterval(() => {
  alone = isThere() ? 0 : alone + every;
  if (alone > grace) process.kill(process.pid, "SIGKILL");
}, every);
parentPort.postMessage("here");
`;
