import { existsSync, linkSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import { readSnapshot, type Snapshot, writeSnapshot } from "./format.js";

/** The checkpoints of one run: the newest, the one before it, and the best by the watched metric. */
export interface CheckpointStore {
  /** No checkpoint is there, not even a damaged one. */
  isEmpty(): boolean;
  saveNewest(snapshot: Snapshot): void;
  saveBest(snapshot: Snapshot): void;
  /** The newest whole one; `warnings` says which were refused. `null` if there is none at all. */
  loadNewest(): { readonly snapshot: Snapshot; readonly warnings: readonly string[] } | null;
  loadBest(): Snapshot | null;
}

/** Keeps checkpoints in `folder`, which is made if it is not there. At every moment one whole newest checkpoint exists. */
export function checkpointStore(folder: string): CheckpointStore {
  makeFolder(folder);
  for (const name of readdirSync(folder)) if (name.endsWith(".tmp")) rmSync(join(folder, name), { force: true });
  const newest = join(folder, "newest.gradpool");
  const previous = join(folder, "previous.gradpool");
  const best = join(folder, "best.gradpool");
  let newestIsDamaged = false;
  return {
    isEmpty: () => ![newest, previous, best].some((path) => existsSync(path)),
    saveNewest(snapshot) {
      // A second name for the newest before it is replaced: a kill between any two calls leaves a whole newest. A damaged
      // one is not worth that: the older one beside it is all there is until the new one is written.
      if (existsSync(newest) && !newestIsDamaged) {
        rmSync(previous, { force: true });
        linkSync(newest, previous);
      }
      writeSnapshot(newest, snapshot);
      newestIsDamaged = false;
    },
    saveBest: (snapshot) => writeSnapshot(best, snapshot),
    loadNewest() {
      const warnings: string[] = [];
      for (const path of [newest, previous]) {
        if (!existsSync(path)) continue;
        try {
          return { snapshot: readSnapshot(path), warnings };
        } catch (error) {
          if (!isGradpoolError(error) || error.code !== "damaged") throw error;
          warnings.push(error.message);
          if (path === newest) newestIsDamaged = true;
        }
      }
      if (warnings.length === 0) return null;
      throw new GradpoolError({
        code: "damaged",
        what: `no whole checkpoint is left: ${warnings.join("; ")}`,
        where: folder,
        remedy: "start again in a new folder",
      });
    },
    loadBest: () => (existsSync(best) ? readSnapshot(best) : null),
  };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new GradpoolError({
      code: "failed",
      what: `the checkpoint folder cannot be made: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: folder,
      remedy: "give a folder that can be written to",
      cause,
    });
  }
}
