import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GradpoolError } from "@gradpool/core";
import type { RowChunk } from "@gradpool/metrics";

/** Rows by ascending probability in files: each run sorted by itself, all of them merged when they are read. */
export interface SortedRuns {
  /** Writes rows, in any order, as a run. */
  write(rows: RowChunk): void;
  chunks(): Iterable<RowChunk>;
  /** The files go. */
  close(): void;
}

/** Rows of a run that are read at once. */
const ahead = 1 << 12;

interface Run {
  readonly file: number;
  readonly rows: number;
}

export function sortedRuns(): SortedRuns {
  const folder = attempt(() => mkdtempSync(join(tmpdir(), `gradpool-rows-${process.pid}-`)));
  const runs: Run[] = [];
  return {
    write(rows) {
      attempt(() => {
        const path = join(folder, `run-${runs.length}`);
        const file = openSync(path, "wx+");
        // Killed, this process leaves no rows behind where a file may be removed while it is open.
        rmSync(path, { force: true });
        runs.push({ file, rows: rows.size });
        writeRun(file, rows);
      });
    },
    chunks: () => merged(runs.map(cursorOf)),
    close() {
      for (const { file } of runs) closeSync(file);
      runs.length = 0;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Three columns behind each other: probabilities, places, labels. */
function writeRun(file: number, { size, probabilities, labels, places }: RowChunk): void {
  const order = Int32Array.from({ length: size }, (_, row) => row);
  order.sort((a, b) => (probabilities[a] as number) - (probabilities[b] as number));
  put(
    file,
    Float64Array.from(order, (row) => probabilities[row] as number),
  );
  put(
    file,
    Int32Array.from(order, (row) => places[row] as number),
  );
  put(
    file,
    Uint8Array.from(order, (row) => labels[row] as number),
  );
}

function put(file: number, array: ArrayBufferView): void {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}

function take(file: number, array: ArrayBufferView, at: number): void {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (let done = 0; done < bytes.length;) {
    const read = readSync(file, bytes, done, bytes.length - done, at + done);
    if (read === 0) throw new Error("a file of rows ends early");
    done += read;
  }
}

/** A run's rows one after the other. */
interface Cursor {
  readonly chunk: RowChunk;
  /** The row of the chunk that comes next. */
  at: number;
  /** Reads on where the chunk ends; false where the run does. */
  more(): boolean;
}

function cursorOf({ file, rows }: Run): Cursor {
  const room = Math.min(ahead, rows);
  const [p, u, y] = [new Float64Array(room), new Int32Array(room), new Uint8Array(room)];
  let read = 0;
  const cursor = { chunk: { size: 0, probabilities: p, labels: y, places: u }, at: 0, more };
  function more(): boolean {
    if (cursor.at < cursor.chunk.size) return true;
    const size = Math.min(room, rows - read);
    if (size === 0) return false;
    attempt(() => {
      take(file, p.subarray(0, size), 8 * read);
      take(file, u.subarray(0, size), 8 * rows + 4 * read);
      take(file, y.subarray(0, size), 12 * rows + read);
    });
    read += size;
    cursor.chunk.size = size;
    cursor.at = 0;
    return true;
  }
  return cursor;
}

const scoreOf = ({ chunk, at }: Cursor): number => chunk.probabilities[at] as number;

/** The rows of all runs by ascending probability. */
function* merged(cursors: readonly Cursor[]): Generator<RowChunk> {
  const heap = cursors.filter((cursor) => cursor.more());
  for (let k = (heap.length >> 1) - 1; k >= 0; k--) sink(heap, k);
  const out = {
    size: 0,
    probabilities: new Float64Array(ahead),
    labels: new Uint8Array(ahead),
    places: new Int32Array(ahead),
  };
  while (heap.length > 0) {
    const first = heap[0] as Cursor;
    const { chunk, at } = first;
    out.probabilities[out.size] = chunk.probabilities[at] as number;
    out.labels[out.size] = chunk.labels[at] as number;
    out.places[out.size++] = chunk.places[at] as number;
    first.at++;
    if (!first.more()) {
      const last = heap.pop() as Cursor;
      if (heap.length > 0) heap[0] = last;
    }
    sink(heap, 0);
    if (out.size < ahead) continue;
    yield out;
    out.size = 0;
  }
  if (out.size > 0) yield out;
}

/** Lets the k-th of a heap sink to where it belongs. */
function sink(heap: Cursor[], from: number): void {
  for (let k = from; ;) {
    let least = k;
    for (const child of [2 * k + 1, 2 * k + 2])
      if (child < heap.length && scoreOf(heap[child] as Cursor) < scoreOf(heap[least] as Cursor)) least = child;
    if (least === k) return;
    const held = heap[k] as Cursor;
    heap[k] = heap[least] as Cursor;
    heap[least] = held;
    k = least;
  }
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new GradpoolError({
      code: "failed",
      what: `rows of the evaluation cannot be kept: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: tmpdir(),
      remedy: "free disk space there, or name another folder with TMPDIR",
      cause,
    });
  }
}
