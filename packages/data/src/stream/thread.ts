import { Worker } from "node:worker_threads";
import { GradpoolError, type ErrorCode } from "@gradpool/core";
import { workerSource } from "../generated/worker.js";
import { problem } from "../errors.js";
import type { StreamRequest } from "./request.js";
import { ask, awaitEnd, awaitRows, failureOf, hasFailed, rowsIn, stop } from "./ring.js";

/** Milliseconds that a process which ends gives the reader to leave the database. */
const farewell = 10_000;

/** The thread that reads, seen from the one that trains. It keeps no process alive, but while somebody waits for it. */
export interface ReadingThread {
  /** Resolves once the slot has rows; undefined: it has. Rejects with what made the reading fail. */
  ready(slot: number): Promise<void> | undefined;
  /** The same, blocking. */
  wait(slot: number): void;
  stop(): void;
}

/** What lets go of each reader that is at work, called where the process ends. */
const atWork = new Set<() => void>();
let watched = false;
const leaveAll = (): void => atWork.forEach((leave) => leave());

export function startReading(request: StreamRequest): ReadingThread {
  const { ring } = request;
  const worker = new Worker(workerSource, {
    eval: true,
    // Loaders and flags of the host program are not for this one.
    execArgv: [],
    workerData: { request, from: import.meta.url },
  });
  worker.unref();
  let ended: Error | undefined;
  let wake: (() => void) | undefined;
  const tell = (): void => wake?.();
  const lost = (how: string, cause?: unknown): void => {
    ended ??= problem("failed", how, "the thread that reads rows", "go on with --resume", cause);
    tell();
  };
  worker.on("message", tell);
  worker.on("error", (error) => lost(`it failed: ${error.message}`, error));
  worker.on("exit", () => {
    atWork.delete(leave);
    lost("it has ended");
  });
  // The end of this process must not meet the reader within a call of the database.
  const leave = (): void => {
    stop(ring);
    awaitEnd(ring, farewell);
  };
  if (!watched) process.on("exit", leaveAll);
  watched = true;
  atWork.add(leave);
  const look = (slot: number): boolean => {
    if (rowsIn(ring, slot) > 0) return true;
    if (hasFailed(ring)) throw asError(failureOf(ring));
    if (ended !== undefined) throw ended;
    return false;
  };
  async function untilReady(slot: number): Promise<void> {
    worker.ref();
    try {
      for (;;) {
        const told = new Promise<void>((resolve) => (wake = resolve));
        ask(ring);
        if (look(slot)) return;
        await told;
      }
    } finally {
      wake = undefined;
      worker.unref();
    }
  }
  return {
    ready: (slot) => (rowsIn(ring, slot) > 0 ? undefined : untilReady(slot)),
    wait(slot) {
      awaitRows(ring, slot);
      look(slot);
    },
    stop: () => stop(ring),
  };
}

function asError(failure: unknown): GradpoolError {
  const { code, what, where, remedy } = failure as { code: ErrorCode; what: string; where: string; remedy: string };
  return new GradpoolError({ code, what, where, remedy });
}
