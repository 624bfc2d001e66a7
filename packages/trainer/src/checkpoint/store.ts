import { existsSync, linkSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import { readSnapshot, type Snapshot, writeSnapshot } from "./format.js";

/** The checkpoints of one run: the newest, the one before it, and the best by the watched metric. */
export interface CheckpointStore {
  saveNewest(snapshot: Snapshot): void;
  saveBest(snapshot: Snapshot): void;
  /** The newest whole one; `warnings` says which were refused. `null` if there is none at all. */
  loadNewest(): { readonly snapshot: Snapshot; readonly warnings: readonly string[] } | null;
  loadBest(): Snapshot | null;
}

/** Keeps checkpoints in `folder`, which is made if it is not there. At every moment one whole newest checkpoint exists. */
export function checkpointStore(folder: string): CheckpointStore {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name.endsWith(".tmp")) rmSync(join(folder, name), { force: true });
  const newest = join(folder, "newest.gradpool");
  const previous = join(folder, "previous.gradpool");
  const best = join(folder, "best.gradpool");
  return {
    saveNewest(snapshot) {
      // A second name for the newest before it is replaced: a kill between any two calls leaves a whole newest.
      if (existsSync(newest)) {
        rmSync(previous, { force: true });
        linkSync(newest, previous);
      }
      writeSnapshot(newest, snapshot);
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
        }
      }
      if (warnings.length === 0) return null;
      throw new GradpoolError({
        code: "damaged",
        what: `no whole checkpoint is left: ${warnings.join("; ")}`,
        where: folder,
        remedy: "start again without --resume",
      });
    },
    loadBest: () => (existsSync(best) ? readSnapshot(best) : null),
  };
}
