import { instantiate, sharedModule, type WasmExports } from "../../packages/trainer/src/kernels/exports.js";
import type { Crew } from "../../packages/trainer/src/threads/crew.js";
import { type Call, type PutOff, roundsOf } from "../../packages/trainer/src/threads/rounds.js";

/** What a round took on one thread, in milliseconds. */
export interface TimedRound {
  /** What the leader does first. */
  readonly meanwhile: number;
  readonly units: readonly number[];
}

/** A crew of one that cuts its work as `threads` would, and times it: unit times, from which any number of threads can be simulated. */
export interface TimedCrew extends Crew {
  /** The rounds since the last call. */
  take(): readonly TimedRound[];
}

type AnyKernel = (...values: readonly number[]) => number | undefined;

export function timedCrew(threads: number): TimedCrew {
  const instances: WasmExports[] = [];
  let rounds: TimedRound[] = [];
  let count = 0;

  const timed = (work: () => void): number => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };

  function runRound(all: readonly PutOff[], meanwhile?: () => void): Float64Array {
    const first = timed(() => meanwhile?.());
    const results: number[] = [];
    const units: number[] = [];
    for (const { arena, units: own } of all) {
      const kernels = instances[arena] as WasmExports;
      const perform = ([name, ...values]: Call): void =>
        void results.push((kernels[name] as AnyKernel)(...values) ?? 0);
      for (const unit of own) units.push(timed(() => unit.forEach(perform)));
    }
    count++;
    rounds.push({ meanwhile: first, units });
    for (const { after } of all) after?.();
    return Float64Array.from(results);
  }

  return {
    ...roundsOf(runRound),
    threads,
    up: threads,
    get rounds() {
      return count;
    },
    join(memory) {
      const wasm = instantiate(memory, sharedModule());
      return { arena: instances.push(wasm) - 1, wasm };
    },
    configure: (arena, name, values) => (instances[arena] as WasmExports)[name](...(values as [number, number])),
    dispose: () => undefined,
    take() {
      const taken = rounds;
      rounds = [];
      return taken;
    },
  };
}

/** What a round takes to begin and to end on several threads that look for it, in milliseconds. */
const handing = 0.004;

/** Milliseconds of a step on so many threads: what is not in rounds, and each round's last unit. */
export function simulated(total: number, rounds: readonly TimedRound[], threads: number): number {
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const shared = rounds.reduce((all, { meanwhile, units }) => all + meanwhile + sum(units), 0);
  return total - shared + rounds.reduce((all, round) => all + handing + makespan(round, threads), 0);
}

/** The leader takes from the front once it is free, workers take in turns from the back and the front. */
function makespan({ meanwhile, units }: TimedRound, threads: number): number {
  const free = Array.from({ length: threads }, (_, k) => (k === 0 ? meanwhile : 0));
  let [front, back] = [0, units.length];
  while (front < back) {
    const next = free.indexOf(Math.min(...free));
    const unit = next % 2 === 0 ? front++ : --back;
    free[next] = (free[next] as number) + (units[unit] as number);
  }
  return Math.max(...free);
}
