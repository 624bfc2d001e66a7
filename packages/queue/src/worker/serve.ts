import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Redis } from "ioredis";
import { connect } from "../shared/connect.js";
import { announce, type Machine } from "../shared/machines.js";
import { queueOf, shopQueue } from "../shared/names.js";
import { plain } from "../shared/plain.js";
import { type Desk, openDesk } from "./desk.js";
import type { WorkerEvent } from "./events.js";
import { holdSets } from "./sets.js";

export interface ServeOptions {
  /** As of `openQueue`. */
  readonly url: string;
  /** Prepared sets, or folders of them. Without any: trials on generated data alone. */
  readonly data?: readonly string[];
  /** Folder of the trials that run here, with their checkpoints; machines that share it go on with each other's. */
  readonly runs: string;
  /** Trials at a time, each a process. Default 1. */
  readonly jobs?: number;
  /** The paths and packages whose code may run where a job names them. Default none: what is in a queue is data. */
  readonly allow?: readonly string[];
  /** Seconds without a sign from a worker after which its trials go on elsewhere. Default 30. */
  readonly silence?: number;
  /** Ends after so many seconds without a trial. Default: never. */
  readonly idle?: number;
  /** Shown beside its trials. Default: the machine's. */
  readonly name?: string;
  /** Lets running trials write a checkpoint, hands them back and ends. */
  readonly signal?: AbortSignal;
  readonly onNote?: (line: string) => void;
  readonly onEvent?: (event: WorkerEvent) => void;
}

export interface Served {
  readonly done: number;
  readonly failed: number;
  /**
   * Whether the queue has heard that this machine left. False where it did not answer for `silence` seconds: what ran here goes on
   * elsewhere once it does, and timers of BullMQ that wait for it may keep this process alive.
   */
  readonly signedOff: boolean;
}

/** Sets that are copied to the machine are found so soon, in milliseconds. */
const rescan = 10_000;
const look = 500;

/**
 * Takes trials from a queue until it is stopped, of those whose data is on this machine. Errors as of `connect`, and `not-found` for
 * a folder of sets that is not there.
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const { url, data = [], jobs = 1, idle, signal, onNote = () => undefined, onEvent } = options;
  const said = new Set<string>();
  const once = (line: string): void => {
    if (!said.has(line)) onNote(line);
    said.add(line);
  };
  const sets = await holdSets(data, once);
  const name = plain(options.name ?? hostname()).slice(0, 100);
  const machine: Machine = { id: `${name}-${process.pid}-${randomBytes(4).toString("hex")}`, name, jobs };
  const over = new AbortController();
  const redis = await connect(url, over.signal);
  const served = { done: 0, failed: 0 };
  const silence = options.silence ?? 30;
  const desk = openDesk({
    redis,
    machine,
    jobs,
    silence,
    runs: resolve(options.runs),
    allow: options.allow ?? [],
    find: (hash) => sets.find(hash),
    onNote,
    onEvent(event) {
      if (event.type === "done") served.done++;
      if (event.type === "failed") served.failed++;
      onEvent?.(event);
    },
  });
  const open = (): void => [shopQueue, ...[...sets.hashes()].map(queueOf)].forEach((queue) => desk.open(queue));
  open();
  const here = announce(redis, machine, desk.names);
  await here.say();
  const count = [...sets.hashes()].length;
  onNote(`${name} serves ${count} ${count === 1 ? "set" : "sets"} and generated data, ${jobs} at a time`);
  for (let scanned = Date.now(); signal?.aborted !== true;) {
    await pause(look, undefined, { signal }).catch(() => undefined);
    if (idle !== undefined && desk.idleSince() !== null && Date.now() - (desk.idleSince() ?? 0) > 1000 * idle) break;
    if (Date.now() - scanned < rescan) continue;
    await sets.look();
    open();
    scanned = Date.now();
  }
  const left = desk
    .close()
    .then(here.leave)
    .then(() => true)
    .finally(() => over.abort());
  // Whoever gives up leaves commands behind that are never answered.
  left.catch(() => undefined);
  const signedOff = await Promise.race([left, unheard(redis, desk, silence, over.signal)]);
  if (!signedOff)
    onNote(`the queue has not answered for ${silence} s: what was to be handed back goes on elsewhere once it does`);
  over.abort();
  redis.disconnect();
  return { ...served, signedOff };
}

/**
 * Answers with false once nothing runs here and the Redis has been silent for so many seconds: by then it has given away what this
 * machine held, or will when it is back.
 */
async function unheard(redis: Redis, desk: Desk, silence: number, over: AbortSignal): Promise<boolean> {
  let heard = Date.now();
  let asked = false;
  const ask = async (): Promise<void> => {
    asked = true;
    await redis.ping().then(
      () => (heard = Date.now()),
      () => undefined,
    );
    asked = false;
  };
  while (desk.idleSince() === null || Date.now() - heard < 1000 * silence) {
    if (!asked) void ask();
    await pause(look, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return true;
  }
  return false;
}
