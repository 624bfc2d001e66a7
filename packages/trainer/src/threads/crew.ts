import { GradpoolError } from "@gradpool/core";
import { workerSource } from "../generated/worker.js";
import { instantiate, sharedModule, type WasmExports } from "../kernels/exports.js";
import type { Memory } from "../kernels/webassembly.js";
import { builtin } from "./builtin.js";
import {
  ASLEEP,
  callWidth,
  CONSTANTS,
  constantsOf,
  constantsWidth,
  DONE,
  FAILED,
  finishCall,
  type KernelName,
  kernelNames,
  mostArenas,
  mostCalls,
  perform,
  type Shared,
  STOPPED,
  takeCall,
  TICKET,
  ticketOf,
  UP,
  WAITING,
  WORDS,
} from "./protocol.js";

/** A kernel's name and its arguments. */
export type Call = readonly [KernelName, ...number[]];

/**
 * Threads that run kernels on shared memories: this one, which leads, and workers. A crew decides nothing: which calls there are, and what
 * becomes of their results, is the same with any number of threads, so that the bits are.
 */
export interface Crew {
  readonly threads: number;
  /** How many of them are at work: workers begin with the first round, and need some ten milliseconds to come up. */
  readonly up: number;
  /** Takes a shared memory in; its number, and the kernels on it for this thread. */
  join(memory: Memory): { readonly arena: number; readonly wasm: WasmExports };
  /**
   * Runs calls that do not touch each other's results, in any order, and waits for all; what they returned, valid until the next round.
   * `meanwhile` runs on this thread first. An error of a call, wherever it ran, is thrown here.
   */
  run(arena: number, calls: readonly Call[], meanwhile?: () => void): Float64Array;
  /** Sets an optimiser's constants on this thread now, on the others before their next call. */
  configure(arena: number, name: "configure" | "correct", values: readonly number[]): void;
  /** Lets the workers go. They keep no process alive either way. */
  dispose(): void;
}

/** Error `invalid-option`: no number of threads. */
export function checkThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 64) return;
  throw new GradpoolError({
    code: "invalid-option",
    what: `threads is ${threads}`,
    where: "engine",
    remedy: "give a whole number from 1 to 64",
  });
}

/** A crew of so many threads; undefined for one, and where memory cannot be shared: what one thread does is the same. */
export function createCrew(threads: number): Crew | undefined {
  checkThreads(threads);
  const node = builtin<typeof import("node:worker_threads")>("node:worker_threads");
  if (threads === 1 || node === undefined || typeof SharedArrayBuffer === "undefined") return undefined;
  return crewOf(threads, node);
}

const floats = (count: number): Float64Array => new Float64Array(new SharedArrayBuffer(8 * count));

function crewOf(threads: number, node: typeof import("node:worker_threads")): Crew {
  const shared: Shared = {
    words: new Int32Array(new SharedArrayBuffer(4 * WORDS)),
    calls: floats(mostCalls * callWidth),
    results: floats(mostCalls),
    constants: floats(mostArenas * constantsWidth),
    kernels: sharedModule(),
  };
  const { words } = shared;
  const memories: Memory[] = [];
  const instances: WasmExports[] = [];
  const kernelsOf = (arena: number): WasmExports => instances[arena] as WasmExports;
  let ports: import("node:worker_threads").MessagePort[] | undefined;
  let round = 0;

  /** Workers are started by the first round: a model that is too small for one costs none. */
  function start(): void {
    if (ports !== undefined) return;
    ports = Array.from({ length: threads - 1 }, () => {
      const { port1, port2 } = new node.MessageChannel();
      const worker = new node.Worker(workerSource, {
        eval: true,
        // Loaders and flags of the host program are not for this one.
        execArgv: [],
        workerData: { shared, port: port2 },
        transferList: [port2],
      });
      worker.unref();
      // One that cannot begin takes no calls, and the others do them.
      worker.on("error", () => undefined);
      port1.unref();
      for (const [arena, memory] of memories.entries()) port1.postMessage({ arena, memory });
      return port1;
    });
  }

  function hand(arena: number, calls: readonly Call[]): void {
    const cells = shared.calls;
    for (let k = 0; k < calls.length; k++) {
      const call = calls[k] as Call;
      const at = k * callWidth;
      cells[at] = arena;
      cells[at + 1] = kernelNames.indexOf(call[0]);
      cells[at + 2] = call.length - 1;
      for (let j = 1; j < call.length; j++) cells[at + 2 + j] = call[j] as number;
    }
    round++;
    Atomics.store(words, DONE, 0);
    Atomics.store(words, TICKET, ticketOf(round, calls.length));
    if (Atomics.load(words, ASLEEP) > 0) Atomics.notify(words, TICKET);
  }

  function finish(count: number, tell: boolean): void {
    for (let call = takeCall(words); call >= 0; call = takeCall(words)) finishCall(shared, call, kernelsOf);
    awaitCalls(words, count);
    const failed = Atomics.exchange(words, FAILED, 0);
    if (failed !== 0 && tell) perform(shared, failed - 1, kernelsOf);
  }

  return {
    threads,
    get up() {
      return 1 + Atomics.load(words, UP);
    },
    join(memory) {
      if (memories.length === mostArenas) throw tooMany();
      const arena = memories.push(memory) - 1;
      const wasm = instantiate(memory, shared.kernels);
      instances.push(wasm);
      for (const port of ports ?? []) port.postMessage({ arena, memory });
      return { arena, wasm };
    },
    run(arena, calls, meanwhile) {
      start();
      hand(arena, calls);
      let error: unknown;
      try {
        meanwhile?.();
      } catch (thrown) {
        error = thrown;
      }
      // Whatever happens: nothing goes on behind the leader's back.
      finish(calls.length, error === undefined);
      if (error !== undefined) throw error;
      return shared.results;
    },
    configure(arena, name, values) {
      shared.constants.set(values, arena * constantsWidth + constantsOf[name].at);
      Atomics.add(words, CONSTANTS, 1);
      kernelsOf(arena)[name](...(values as [number, number]));
    },
    dispose() {
      Atomics.store(words, STOPPED, 1);
      // A worker that is about to sleep on the old ticket sees another.
      Atomics.store(words, TICKET, ticketOf(++round, 0));
      Atomics.notify(words, TICKET);
      for (const port of ports ?? []) port.close();
      ports = [];
    },
  };
}

/** Calls are short: looking is cheaper than sleeping, for a while. */
const looks = 5_000;

/** Waits for the calls that workers took. A worker cannot end in the midst of one, unless the machine ends it. */
function awaitCalls(words: Int32Array, count: number): void {
  for (let k = 0; k < looks; k++) if (Atomics.load(words, DONE) === count) return;
  Atomics.store(words, WAITING, 1);
  for (let waits = 0; waits < 600; waits++) {
    const done = Atomics.load(words, DONE);
    if (done === count) {
      Atomics.store(words, WAITING, 0);
      return;
    }
    Atomics.wait(words, DONE, done, 100);
  }
  throw new GradpoolError({
    code: "failed",
    what: "a thread did not answer for a minute",
    where: "training step",
    remedy: "resume the run with fewer threads: the results are the same",
  });
}

const tooMany = (): GradpoolError =>
  new GradpoolError({
    code: "unsupported",
    what: `more than ${mostArenas} memories`,
    where: "tables",
    remedy: "train with one thread",
  });
