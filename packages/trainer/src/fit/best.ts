import { isDeepStrictEqual } from "node:util";
import { GradpoolError, isGradpoolError, type JsonObject } from "@gradpool/core";
import type { Snapshot, StoredSnapshot } from "../checkpoint/format.js";
import { type CheckpointStore, checkpointStore } from "../checkpoint/store.js";
import { type FitState, fromJson } from "./progress-state.js";

/** Of what run the best checkpoint must be, and where it is. */
export interface BestOf {
  readonly store: CheckpointStore;
  readonly folder: string;
  readonly state: FitState;
  /** `fingerprint` and `run` of the checkpoints: see `identityOf`. */
  readonly identity: object;
}

/**
 * The best checkpoint, which must be the very one that this run saved for its best epoch: by its digest, no other weights can
 * be tested in its name. Error `damaged` if it is missing, damaged or another's; it says what is still there.
 */
export function loadBest(run: BestOf): StoredSnapshot {
  const best = read(run);
  if (best.digest !== run.state.bestDigest) throw lost("of another run or another epoch", run);
  return best;
}

/** The same, of a run that is to go on: a best checkpoint from after the newest one will be written again. */
export function checkBest(run: BestOf): StoredSnapshot | null {
  if (run.state.bestEpoch === null) return null;
  const best = read(run);
  if (best.digest !== run.state.bestDigest && !isAhead(best, run)) throw lost("of another run or another epoch", run);
  return best;
}

/**
 * The weights of the run that keeps its checkpoints in `folder`: the best epoch's, or, if no epoch was judged, the newest; null
 * if there are none. Of a best checkpoint alone, without the newest that knows it, nobody can say more than that it is whole.
 * Error `damaged` as for a run that is resumed.
 */
export function loadWeights(
  folder: string,
): { readonly snapshot: Snapshot; readonly weights: "best" | "newest" } | null {
  const store = checkpointStore(folder);
  const newest = store.loadNewest()?.snapshot;
  if (newest === undefined) {
    const alone = store.loadBest();
    return alone && { snapshot: alone, weights: "best" };
  }
  const { fit, fingerprint, run } = newest.json;
  const best = checkBest({ store, folder, state: fromJson(fit as JsonObject), identity: { fingerprint, run } });
  return best === null ? { snapshot: newest, weights: "newest" } : { snapshot: best, weights: "best" };
}

/** True if this run, killed before its newest checkpoint followed, saved it for an epoch that it will come to again. */
function isAhead({ json }: StoredSnapshot, { state, identity }: BestOf): boolean {
  const { fit, fingerprint, run } = json;
  const judged = state.history.at(-1)?.epoch ?? 0;
  return isDeepStrictEqual({ fingerprint, run }, identity) && fromJson(fit as JsonObject).epoch > judged;
}

/** Of a run that is judged by rank, and is to go on: every epoch that may become the best must be there, as it was saved. */
export function checkCandidates(run: BestOf): void {
  for (const { epoch, digest } of run.state.candidates ?? []) {
    const what = `the checkpoint of epoch ${epoch}, which may become the best,`;
    if (readWhole(() => run.store.loadCandidate(epoch), run, what).digest !== digest)
      throw lost("of another run or another epoch", run, what);
  }
}

/** Of candidates the file of the best: which of them has the best one's name may be ahead of the newest checkpoint. */
function read(run: BestOf): StoredSnapshot {
  const { candidates, bestEpoch } = run.state;
  return readWhole(
    () => (candidates === undefined ? run.store.loadBest() : run.store.loadCandidate(bestEpoch as number)),
    run,
  );
}

function readWhole(load: () => StoredSnapshot | null, run: BestOf, what?: string): StoredSnapshot {
  let found: StoredSnapshot | null;
  try {
    found = load();
  } catch (error) {
    if (isGradpoolError(error) && error.code === "damaged") throw lost("damaged", run, what, error);
    throw error;
  }
  if (found === null) throw lost("missing", run, what);
  return found;
}

function lost(
  how: string,
  { state, folder }: BestOf,
  what: string = `the best checkpoint, of epoch ${state.bestEpoch},`,
  cause?: unknown,
): GradpoolError {
  const { epoch, stepInEpoch, stopped } = state;
  const at = stopped === null ? `step ${stepInEpoch} of epoch ${epoch}` : `epoch ${epoch}, the last`;
  return new GradpoolError({
    code: "damaged",
    what: `${what} is ${how}`,
    where: folder,
    remedy: `put it back, or train again in a new folder; what is left is the newest checkpoint, of ${at}, not tested`,
    cause,
  });
}
