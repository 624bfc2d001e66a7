import { isDeepStrictEqual } from "node:util";
import { GradpoolError, type JsonObject } from "@gradpool/core";
import type { CheckpointStore } from "../checkpoint/store.js";
import { checkBest, checkCandidates } from "./best.js";
import type { ResumeEvent } from "./events.js";
import { identityOf } from "./identity.js";
import type { FitOptions } from "./options.js";
import { beginEpoch, type FitState, fromJson, whyStopped } from "./progress-state.js";

/** Sets engine and feed to the newest whole checkpoint; null if there is none. Refused, it has changed nothing. */
export function resumeFrom(
  store: CheckpointStore,
  options: FitOptions,
): ({ readonly state: FitState } & Pick<ResumeEvent, "warnings" | "kept">) | null {
  const loaded = store.loadNewest();
  if (loaded === null) return null;
  const { json, arrays } = loaded.snapshot;
  const folder = options.checkpoint?.folder ?? "";
  const identity = identityOf(options);
  requireSame(json["fingerprint"] as JsonObject, identity.fingerprint, folder);
  // Checkpoints of before the first release do not say what run they are of.
  requireSame((json["run"] ?? identity.run) as JsonObject, identity.run, folder);
  const state = fromJson(json["fit"] as JsonObject);
  if (state.epoch > options.epochs) {
    throw new GradpoolError({
      code: "invalid-option",
      what: `epochs is ${options.epochs}, and the checkpoint is in epoch ${state.epoch}`,
      where: folder,
      remedy: `give epochs of ${state.epoch} or more`,
    });
  }
  checkBest({ store, folder, state, identity });
  checkCandidates({ store, folder, state, identity });
  options.engine.restore({ arrays: arrays as never, json: json["engine"] as JsonObject });
  options.feed.restore(json["feed"] as JsonObject);
  // A run that was over goes on if it may now: with more epochs, or more patience.
  if (state.stopped !== null) {
    state.stopped = whyStopped(options, state);
    if (state.stopped === null) beginEpoch(state);
  }
  return { state, warnings: loaded.warnings, kept: (json["kept"] ?? null) as JsonObject | null };
}

/** A new run would overwrite, and later mix with, the checkpoints of the one that the folder holds. */
export function refuseOthers(store: CheckpointStore, { checkpoint }: Pick<FitOptions, "checkpoint">): void {
  if (store.isEmpty()) return;
  throw new GradpoolError({
    code: "invalid-input",
    what: "the folder holds a run's checkpoints already",
    where: checkpoint?.folder ?? "",
    remedy: "go on with that run with resume: true, or give a new folder",
  });
}

/** Refuses to go on with a checkpoint of another configuration. */
export function requireSame(stored: JsonObject, given: JsonObject, folder: string): void {
  const key = [...new Set([...Object.keys(stored), ...Object.keys(given)])].find(
    (name) => !isDeepStrictEqual(stored[name], given[name]),
  );
  if (key === undefined) return;
  throw new GradpoolError({
    code: "invalid-input",
    what: `the checkpoint belongs to another configuration: ${key} was ${JSON.stringify(stored[key])} and is ${JSON.stringify(given[key])}`,
    where: folder,
    remedy: "resume with the same configuration, or start in a new folder",
  });
}
