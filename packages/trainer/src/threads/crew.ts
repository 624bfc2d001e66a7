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
  finishUnit,
  mostArenas,
  mostCalls,
  mostUnits,
  numberOf,
  perform,
  type Role,
  type Shared,
  spin,
  STOPPED,
  takeUnit,
  TICKET,
  ticketOf,
  UP,
  WAITING,
  WORDS,
} from "./protocol.js";
import { type Call, type PutOff, type Rounds, roundsOf } from "./rounds.js";

/**
 * Threads that run kernels on shared memories: this one, which leads, and workers. A crew decides nothing: which calls there are, and what
 * becomes of their results, is the same with any number of threads, so that the bits are.
 */
export interface Crew extends Rounds {
  readonly threads: number;
  /** How many of them are at work: workers begin with the first round, and need some ten milliseconds to come up. */
  readonly up: number;
  /** Rounds so far. */
  readonly rounds: number;
  /** Takes a shared memory in; its number, and the kernels on it for this thread. */
  join(memory: Memory): { readonly arena: number; readonly wasm: WasmExports };
  /** Sets an optimiser's constants on this thread now, on the others before their next call. */
  configure(arena: number, name: "configure" | "correct", values: readonly number[]): void;
  /** Lets the workers go. They keep no process alive either way. */
  dispose(): void;
}

/** Error `invalid-option`: no number of threads. */
function checkThreads(threads: number): void {
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
const integers = (count: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * count));

function crewOf(threads: number, node: typeof import("node:worker_threads")): Crew {
  const shared: Shared = {
    words: integers(WORDS),
    calls: floats(mostCalls * callWidth),
    units: integers(mostUnits + 1),
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
    ports = Array.from({ length: threads - 1 }, (_, k) => {
      const { port1, port2 } = new node.MessageChannel();
      const role: Role = { front: k % 2 === 1 };
      const worker = new node.Worker(workerSource, {
        eval: true,
        // Loaders and flags of the host program are not for this one.
        execArgv: [],
        workerData: { shared, role, port: port2 },
        transferList: [port2],
      });
      worker.unref();
      // One that cannot begin takes no units, and the others do them.
      worker.on("error", () => undefined);
      port1.unref();
      for (const [arena, memory] of memories.entries()) port1.postMessage({ arena, memory });
      return port1;
    });
  }

  /** Writes a round down and hands it out; how many units it has. */
  function hand(all: readonly PutOff[]): number {
    let call = 0;
    let unit = 0;
    for (const { arena, units } of all) {
      for (const calls of units) {
        shared.units[unit++] = call;
        for (const one of calls) write(shared.calls, call++ * callWidth, arena, one);
      }
    }
    shared.units[unit] = call;
    round++;
    Atomics.store(words, DONE, 0);
    Atomics.store(words, TICKET, ticketOf(round, unit));
    if (Atomics.load(words, ASLEEP) > 0) Atomics.notify(words, TICKET);
    return unit;
  }

  function finish(count: number, tell: boolean): void {
    for (let unit = takeUnit(words, true); unit >= 0; unit = takeUnit(words, true)) finishUnit(shared, unit, kernelsOf);
    awaitUnits(words, count);
    const failed = Atomics.exchange(words, FAILED, 0);
    if (failed !== 0 && tell) perform(shared, failed - 1, kernelsOf);
  }

  function runRound(all: readonly PutOff[], meanwhile?: () => void): Float64Array {
    start();
    const count = hand(all);
    let error: unknown;
    try {
      meanwhile?.();
    } catch (thrown) {
      error = thrown;
    }
    // Whatever happens: nothing goes on behind the leader's back.
    finish(count, error === undefined);
    if (error !== undefined) throw error;
    for (const { after } of all) after?.();
    return shared.results;
  }

  return {
    ...roundsOf(runRound),
    threads,
    get up() {
      return 1 + Atomics.load(words, UP);
    },
    get rounds() {
      return round;
    },
    join(memory) {
      if (memories.length === mostArenas) throw tooMany();
      const arena = memories.push(memory) - 1;
      const wasm = instantiate(memory, shared.kernels);
      instances.push(wasm);
      for (const port of ports ?? []) port.postMessage({ arena, memory });
      return { arena, wasm };
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

function write(cells: Float64Array, at: number, arena: number, call: Call): void {
  cells[at] = arena;
  cells[at + 1] = numberOf[call[0]];
  cells[at + 2] = call.length - 1;
  for (let j = 1; j < call.length; j++) cells[at + 2 + j] = call[j] as number;
}

/** Milliseconds. Units are short: looking is cheaper than sleeping, for a while. */
const patience = 0.2;

/** Waits for the units that workers took. A worker cannot end in the midst of one, unless the machine ends it. */
function awaitUnits(words: Int32Array, count: number): void {
  if (spin(() => Atomics.load(words, DONE) === count, patience)) return;
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
