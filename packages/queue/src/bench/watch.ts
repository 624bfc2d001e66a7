import { basename } from "node:path";
import { parseData, runsVersion } from "@gradpool/runs";
import type { Redis } from "ioredis";
import { type Machine, machinesOf } from "../shared/machines.js";

interface WatchOptions {
  readonly redis: Redis;
  readonly queue: string;
  readonly data: string;
  readonly dataHash: string;
  readonly onNote: (line: string) => void;
}

const lookEvery = 2000;

/** Tells of the machines that take a queue's trials: who comes, who goes, who is silent, and that nobody is there. */
export function watchMachines({ redis, queue, data, dataHash, onNote }: WatchOptions): { readonly end: () => void } {
  const known = new Map<string, Machine>();
  const silent = new Set<string>();
  let alone = false;
  const look = async (): Promise<void> => {
    const found = await machinesOf(redis, queue);
    for (const machine of found.here) {
      if (!known.has(machine.id)) onNote(`${machine.name} takes ${counted(machine.jobs)}`);
      else if (silent.delete(machine.id)) onNote(`${machine.name} is back`);
      known.set(machine.id, machine);
    }
    const here = new Set(found.here.map(({ id }) => id));
    for (const machine of [...known.values()].filter(({ id }) => !here.has(id))) {
      if (!found.silent.includes(machine.id)) {
        known.delete(machine.id);
        if (!silent.delete(machine.id)) onNote(`${machine.name} has left`);
      } else if (!silent.has(machine.id)) {
        silent.add(machine.id);
        onNote(`${machine.name} is silent`);
      }
    }
    if (here.size === 0 && !alone) onNote(nobody(data, dataHash));
    alone = here.size === 0;
  };
  let looking = false;
  const timer = setInterval(() => {
    if (looking || redis.status !== "ready") return;
    looking = true;
    // A Redis that goes away is looked at again when it is back.
    void look()
      .catch(() => undefined)
      .finally(() => (looking = false));
  }, lookEvery);
  return { end: () => clearInterval(timer) };
}

const counted = (jobs: number): string => (jobs === 1 ? "one trial at a time" : `${jobs} trials at a time`);

function nobody(data: string, hash: string): string {
  const needs =
    parseData(data).kind === "shop" ? "" : `, with ${basename(data)} (${hash.slice(0, 12)}) below its --data`;
  return `no machine takes these trials yet: start gradpool worker ${runsVersion()} on one${needs}`;
}
