import type { Redis } from "ioredis";
import { plain } from "./plain.js";

/** A worker that takes trials of a queue. */
export interface Machine {
  readonly id: string;
  readonly name: string;
  /** Trials at a time. */
  readonly jobs: number;
}

/** Workers say that they are there so often, and are taken to be silent after so long, in seconds. */
const beat = 3;
const silence = 12;

const listOf = (queue: string): string => `gradpool-machines:${queue}`;
const keyOf = (queue: string, id: string): string => `${listOf(queue)}:${id}`;

export interface Announcement {
  /** Now, beside each few seconds. */
  say(): Promise<void>;
  leave(): Promise<void>;
}

/** Says of a worker, until it ends, that it takes trials of these queues. */
export function announce(redis: Redis, machine: Machine, queues: () => Iterable<string>): Announcement {
  const say = async (): Promise<void> => {
    const all = redis.multi();
    for (const queue of queues()) {
      all.sadd(listOf(queue), machine.id).expire(listOf(queue), 24 * 3600);
      all.set(keyOf(queue, machine.id), JSON.stringify(machine), "EX", silence);
    }
    await all.exec();
  };
  // While the Redis is away nobody hears it; the next one comes.
  const pulse = setInterval(() => void (redis.status === "ready" && say().catch(() => undefined)), 1000 * beat);
  return {
    say,
    async leave(): Promise<void> {
      clearInterval(pulse);
      if (redis.status !== "ready") return;
      const all = redis.multi();
      for (const queue of queues()) all.srem(listOf(queue), machine.id).del(keyOf(queue, machine.id));
      await all.exec();
    },
  };
}

/** Who takes trials of a queue now, and whom nothing has been heard of since it last said so. */
export async function machinesOf(
  redis: Redis,
  queue: string,
): Promise<{ readonly here: readonly Machine[]; readonly silent: readonly string[] }> {
  const ids = await redis.smembers(listOf(queue));
  if (ids.length === 0) return { here: [], silent: [] };
  const held = await redis.mget(ids.map((id) => keyOf(queue, id)));
  return {
    here: ids.flatMap((id, k) => readMachine(id, held[k] ?? null)),
    silent: ids.filter((_, k) => (held[k] ?? null) === null),
  };
}

function readMachine(id: string, text: string | null): readonly Machine[] {
  if (text === null) return [];
  try {
    const { name, jobs } = JSON.parse(text) as Machine;
    return [{ id, name: plain(name).slice(0, 100), jobs: Number(jobs) }];
  } catch {
    // Somebody else's key: no machine.
    return [];
  }
}
