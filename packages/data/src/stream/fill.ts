import type { BatchArrays } from "../samplers/batch-arrays.js";
import { buffersOf, rowsInOrder } from "../samplers/grouped-order.js";
import { writeBatch } from "../samplers/write-batch.js";
import { rowReader } from "../set/read-rows.js";
import { rowBlock } from "../set/row-block.js";
import type { Duck } from "../tables/duck.js";
import type { RowGroup } from "../set/row-groups.js";
import { arranger } from "./arrange.js";
import type { StreamRequest } from "./request.js";

/** Where batches go to. */
export interface Slots {
  /** Nobody wants more: then what the others answer does not matter. */
  stopped(): boolean;
  /** The arrays of the next slot, once it is free. */
  take(): BatchArrays;
  /** Hands it over with so many rows. */
  hand(rows: number): void;
}

/** Reads rows in the order of the request, from where it begins, epoch after epoch, and makes batches of them, until nobody wants more. */
export async function fillSlots(db: Duck, request: StreamRequest, slots: Slots): Promise<void> {
  const { order, folder, columns, wanted, part, like } = request;
  const reader = rowReader(db, folder, columns, wanted, part);
  const block = rowBlock(like, mostRowsOf(request), wanted);
  const [places, asTheyStand] = [new Int32Array(block.users.length), Int32Array.from(block.users.keys())];
  const arrange = order.shuffle ? arranger(block.users.length) : undefined;
  for (let { epoch, position } = request; ; epoch++, position = 0) {
    let filled = 0;
    let arrays: BatchArrays | undefined;
    const buffers = buffersOf(order, epoch);
    const total = order.sizes.reduce((sum, size) => sum + size, 0);
    for (const [k, { groups, start, rows }] of buffers.entries()) {
      if (start + rows <= position) continue;
      block.size = 0;
      for (const group of groups) {
        await reader.add(block, request.groups[group] as RowGroup);
        if (slots.stopped()) return;
      }
      rowsInOrder(order, epoch, k, places.subarray(0, rows));
      arrange?.(block, places.subarray(0, rows));
      for (let at = Math.max(0, position - start); at < rows;) {
        arrays ??= slots.take();
        if (slots.stopped()) return;
        const size = Math.min(request.batchSize - filled, rows - at);
        writeBatch(request.plan, { ...request, rows: block }, arrays, {
          order: asTheyStand,
          start: at,
          size,
          place: filled,
        });
        at += size;
        filled += size;
        if (filled < request.batchSize && start + at < total) continue;
        slots.hand(filled);
        filled = 0;
        arrays = undefined;
      }
    }
  }
}

/** Rows of the largest buffer that any order of the groups can make: all but one group fall short of the buffer's size. */
function mostRowsOf({ order: { sizes, buffer } }: StreamRequest): number {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  return Math.min(all, buffer - 1 + largest);
}
