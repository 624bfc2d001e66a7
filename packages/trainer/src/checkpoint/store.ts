import { existsSync, linkSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import { linkFile, makeFolders, removeLeftovers, syncFolder } from "@gradpool/files";
import { readSnapshot, type Snapshot, type StoredSnapshot, writeSnapshot } from "./format.js";

/** The checkpoints of one run: the newest, the one before it, the best by what is watched, and those that may yet become it. */
export interface CheckpointStore {
  /** No checkpoint is there, not even a damaged one. */
  isEmpty(): boolean;
  saveNewest(snapshot: Snapshot): void;
  /** Answers with its digest, by which the newest knows it again. */
  saveBest(snapshot: Snapshot): string;
  /** The newest whole one; `warnings` says which were refused. `null` if there is none at all. */
  loadNewest(): { readonly snapshot: Snapshot; readonly warnings: readonly string[] } | null;
  loadBest(): StoredSnapshot | null;
  /** Keeps one that may yet become the best, by its epoch; answers with its digest. */
  saveCandidate(epoch: number, snapshot: Snapshot): string;
  loadCandidate(epoch: number): StoredSnapshot | null;
  /** One of the candidates becomes the best: its file has both names. */
  crown(epoch: number): void;
  /** Removes all candidates but those of these epochs. */
  keepCandidates(epochs: readonly number[]): void;
}

const names = ["newest", "previous", "best"].map((name) => `${name}.gradpool`);

const candidateName = (epoch: number): string => `candidate-${epoch}.gradpool`;
const epochOf = (name: string): string | undefined => /^candidate-(\d+)\.gradpool/.exec(name)?.[1];

/**
 * Keeps checkpoints in `folder`, which is made once one is saved. At every moment after that one whole newest checkpoint
 * exists. What a killed writer left is swept away by the first one that is saved.
 */
export function checkpointStore(folder: string): CheckpointStore {
  let ready = false;
  const prepare = (): void => {
    if (ready) return;
    makeFolders(folder);
    const candidates = readdirSync(folder).flatMap((name) => epochOf(name) ?? []);
    removeLeftovers(folder, [...names, ...candidates.map((epoch) => candidateName(Number(epoch)))]);
    ready = true;
  };
  const newest = join(folder, "newest.gradpool");
  const previous = join(folder, "previous.gradpool");
  const best = join(folder, "best.gradpool");
  let newestIsDamaged = false;
  return {
    isEmpty: () => ![newest, previous, best].some((path) => existsSync(path)),
    saveNewest(snapshot) {
      prepare();
      // A second name for the newest before it is replaced: a kill between any two calls leaves a whole newest. A damaged
      // one is not worth that: the older one beside it is all there is until the new one is written.
      if (existsSync(newest) && !newestIsDamaged) {
        rmSync(previous, { recursive: true, force: true });
        linkSync(newest, previous);
        syncFolder(folder);
      }
      // Even a folder may be what harm left there, which no file replaces.
      if (newestIsDamaged) rmSync(newest, { recursive: true, force: true });
      writeSnapshot(newest, snapshot);
      newestIsDamaged = false;
    },
    saveBest(snapshot) {
      prepare();
      return writeSnapshot(best, snapshot);
    },
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
    saveCandidate(epoch, snapshot) {
      prepare();
      return writeSnapshot(join(folder, candidateName(epoch)), snapshot);
    },
    loadCandidate(epoch) {
      const path = join(folder, candidateName(epoch));
      return existsSync(path) ? readSnapshot(path) : null;
    },
    crown: (epoch) => linkFile(join(folder, candidateName(epoch)), best),
    keepCandidates(epochs) {
      const kept = epochs.map(candidateName);
      for (const name of readdirSync(folder))
        if (epochOf(name) !== undefined && !kept.includes(name)) rmSync(join(folder, name), { force: true });
    },
  };
}
