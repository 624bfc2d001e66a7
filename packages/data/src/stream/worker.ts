import { isGradpoolError } from "@gradpool/core";
import { parentPort, workerData } from "node:worker_threads";
import { type Duck, openDuck } from "../tables/duck.js";
import { fillSlots } from "./fill.js";
import type { StreamRequest } from "./request.js";
import { awaitFree, end, fail, hand, isStopped, slotArrays } from "./ring.js";

/**
 * The thread that reads; bundled into src/generated/worker.ts by tsup.config.mjs. It goes on until it is told to stop, or fails, and ends by
 * itself: a thread that is ended from outside within a call of the database takes the process with it.
 */
const { request } = workerData as { readonly request: StreamRequest };
const { ring, plan, batchSize } = request;

async function read(db: Duck): Promise<void> {
  const arrays = slotArrays(ring, plan, batchSize);
  let slot = 0;
  await db.run("SET preserve_insertion_order = true");
  await db.run("SET parquet_metadata_cache = true");
  await fillSlots(db, request, {
    stopped: () => isStopped(ring),
    take() {
      awaitFree(ring, slot);
      return arrays[slot] as (typeof arrays)[number];
    },
    hand(rows) {
      const told = hand(ring, slot, rows);
      slot = (slot + 1) % ring.slots;
      if (told) parentPort?.postMessage("rows");
    },
  });
}

async function work(): Promise<void> {
  let db: Duck | undefined;
  try {
    db = await openDuck({ threads: 1, memory: "1GB" });
    await read(db);
  } catch (error) {
    const { code, what, where, remedy } = isGradpoolError(error)
      ? error
      : { code: "failed", what: String(error), where: "the thread that reads rows", remedy: "report this as a bug" };
    fail(ring, { code, what, where, remedy });
    parentPort?.postMessage("failed");
  } finally {
    db?.close();
    end(ring);
  }
}

void work();
