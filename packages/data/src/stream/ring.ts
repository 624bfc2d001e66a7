import type { BatchPlan } from "../samplers/plan.js";
import { batchArrays, type BatchArrays, batchBytes } from "../samplers/batch-arrays.js";

/**
 * Batches on their way from the thread that reads to the one that trains: slots of one layout, filled and emptied in turn. A slot's word is
 * the number of its rows, 0 while it is free. Behind the slots' words: whether reading failed, whether somebody waits, whether it is to stop, and
 * whether it has ended.
 */
export interface Ring {
  readonly slots: number;
  readonly words: Int32Array;
  readonly batches: SharedArrayBuffer;
  /** What failed, as JSON in UTF-8, behind its length. */
  readonly failure: Uint8Array;
}

const failureBytes = 1 << 13;

export function createRing(plan: BatchPlan, capacity: number, slots: number): Ring {
  return {
    slots,
    words: new Int32Array(new SharedArrayBuffer(4 * (slots + 4))),
    batches: new SharedArrayBuffer(slots * batchBytes(plan, capacity)),
    failure: new Uint8Array(new SharedArrayBuffer(failureBytes)),
  };
}

/** The arrays of each slot. */
export function slotArrays(ring: Ring, plan: BatchPlan, capacity: number): BatchArrays[] {
  const bytes = batchBytes(plan, capacity);
  return Array.from({ length: ring.slots }, (_, slot) => batchArrays(plan, capacity, ring.batches, slot * bytes));
}

const failedAt = ({ slots }: Ring): number => slots;
const waitsAt = ({ slots }: Ring): number => slots + 1;
const stopAt = ({ slots }: Ring): number => slots + 2;
const endedAt = ({ slots }: Ring): number => slots + 3;

/** Rows in a slot; 0: none yet. */
export const rowsIn = ({ words }: Ring, slot: number): number => Atomics.load(words, slot);

/** Reader's side: hands a slot over. Answers with whether somebody asked to be told. */
export function hand(ring: Ring, slot: number, rows: number): boolean {
  Atomics.store(ring.words, slot, rows);
  Atomics.notify(ring.words, slot);
  return Atomics.exchange(ring.words, waitsAt(ring), 0) === 1;
}

/** Reader's side: waits until a slot is free, or reading is to stop. */
export function awaitFree(ring: Ring, slot: number): void {
  const { words } = ring;
  for (let rows = Atomics.load(words, slot); rows !== 0 && !isStopped(ring); rows = Atomics.load(words, slot)) {
    Atomics.wait(words, slot, rows, 1000);
  }
}

/** Reader's side: whether it is to stop. */
export const isStopped = (ring: Ring): boolean => Atomics.load(ring.words, stopAt(ring)) !== 0;

/** Reader's side: it touches nothing any more. */
export function end(ring: Ring): void {
  Atomics.store(ring.words, endedAt(ring), 1);
  Atomics.notify(ring.words, endedAt(ring));
}

/** Trainer's side: tells the reader to stop. */
export function stop(ring: Ring): void {
  Atomics.store(ring.words, stopAt(ring), 1);
  for (let slot = 0; slot < ring.slots; slot++) Atomics.notify(ring.words, slot);
}

/** Trainer's side: waits until the reader has ended, for so many milliseconds at most. */
export const awaitEnd = (ring: Ring, most: number): void => void Atomics.wait(ring.words, endedAt(ring), 0, most);

/** Trainer's side: gives a slot back. */
export function free({ words }: Ring, slot: number): void {
  Atomics.store(words, slot, 0);
  Atomics.notify(words, slot);
}

/** Trainer's side: asks to be told of the next slot that is handed over. */
export const ask = (ring: Ring): void => void Atomics.store(ring.words, waitsAt(ring), 1);

/** Trainer's side: waits for a slot, or for a failure. */
export function awaitRows(ring: Ring, slot: number): void {
  while (rowsIn(ring, slot) === 0 && !hasFailed(ring)) Atomics.wait(ring.words, slot, 0, 50);
}

export const hasFailed = (ring: Ring): boolean => Atomics.load(ring.words, failedAt(ring)) !== 0;

/** Reader's side: says why no more slots will come. What has been handed over stays good. */
export function fail(ring: Ring, reason: object): void {
  const text = new TextEncoder().encode(JSON.stringify(reason)).slice(0, failureBytes);
  ring.failure.set(text);
  Atomics.store(ring.words, failedAt(ring), text.length);
  for (let slot = 0; slot < ring.slots; slot++) Atomics.notify(ring.words, slot);
}

export function failureOf(ring: Ring): unknown {
  const length = Atomics.load(ring.words, failedAt(ring));
  return JSON.parse(new TextDecoder().decode(ring.failure.slice(0, length)));
}
