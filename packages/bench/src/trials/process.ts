import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { TrainMessage } from "@gradpool/runs";
import { ownFolder } from "../package/folder.js";
import type { Job } from "./job.js";
import type { TrialEnd, TrialRun, TrialRunner } from "./runner.js";

/** Trials as processes of this machine, so many at a time. */
export const localRunner = (jobs: number): TrialRunner => ({ jobs, run: runProcess });

/** Runs a trial in a process of its own, in its folder: begun, gone on with from its checkpoint, or found to have ended. */
async function runProcess({
  trial,
  out,
  allow,
  tensorboard,
  patience,
  signal,
  onMessage,
}: TrialRun): Promise<TrialEnd> {
  const job: Job = { config: trial.config, out, allow, tensorboard, patience };
  const child = fork(worker, [JSON.stringify(job)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...oneThread, ...process.env },
  });
  const stop = (): void => void child.kill("SIGINT");
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  child.on("message", (message: TrainMessage) => onMessage?.(message));
  const ended = await endOf(child);
  signal?.removeEventListener("abort", stop);
  return ended;
}

/**
 * TensorFlow on one thread, unless the environment says otherwise: trials run side by side instead (two on two cores train a
 * third faster so than with two threads each), and sums come out the same on any number of cores.
 */
const oneThread = { TF_NUM_INTRAOP_THREADS: "1", TF_NUM_INTEROP_THREADS: "1", OMP_NUM_THREADS: "1" } as const;

/** The build's, from the sources too: a process runs no TypeScript. */
const worker: string = join(ownFolder, "dist", "trials", "worker.js");

function endOf(child: ChildProcess): Promise<TrialEnd> {
  return new Promise((resolve) => {
    let tail = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      tail = (tail + text).slice(-4000);
    });
    const finish = (code: number | string): void => {
      const lines = tail.split("\n").filter((line) => line.trim() !== "");
      const lastLine = lines.findLast((line) => line.startsWith("gradpool: ")) ?? lines.at(-1) ?? "";
      resolve({ code, lastLine: lastLine.replace(/^gradpool: /, "") });
    };
    child.once("error", (error) => finish(error.message));
    child.once("close", (code, signal) => finish(code ?? signal ?? "unknown"));
  });
}
