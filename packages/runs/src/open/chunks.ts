import { breather } from "@gradpool/trainer";

/** The entries in order, so many at a time. Between two chunks the event loop turns: what is done with one takes its time. */
export async function* chunksOf<T>(entries: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  const breathe = breather();
  let chunk: T[] = [];
  for await (const entry of entries) {
    chunk.push(entry);
    if (chunk.length < size) continue;
    await breathe();
    yield chunk;
    chunk = [];
  }
  await breathe();
  if (chunk.length > 0) yield chunk;
}

/** Multiply-adds of a chunk, a second or a few: Ctrl-C waits so long, and threads are started once for each. */
const workAtOnce = 1e10;

/** How many rows of a ranking to make at a time, by what each costs. */
export const rowsPerChunk = (items: number, dim: number): number =>
  Math.max(64, Math.min(8192, Math.floor(workAtOnce / (items * dim))));
