import { existsSync } from "node:fs";
import { isGradpoolError, type JsonObject } from "@gradpool/core";
import { loadPool } from "@gradpool/registry";
import { type Engine, loadWeights, type Snapshot } from "@gradpool/trainer";
import type { TrainConfig } from "../options/training.js";
import { makeEngine } from "../run/engine.js";
import { pathsOf } from "../run/folder.js";
import type { MadeWorkload } from "../workloads/contract.js";
import { problem } from "./errors.js";

export interface Restored {
  readonly engine: Engine;
  readonly weights: "best" | "newest";
}

/** The engine of a run with its trained weights. What the run's pool was does not matter any more, so none of its code runs. */
export async function restoreEngine(
  folder: string,
  config: TrainConfig,
  made: MadeWorkload,
  expected: JsonObject,
): Promise<Restored> {
  const { snapshot, weights } = readWeights(folder);
  requireSameData(snapshot, expected, folder);
  const json = snapshot.json["engine"] as JsonObject;
  const { pool } = await loadPool("ew");
  const named = { ...pool, name: String(json["pool"]) };
  const engine = await makeEngine({ ...config, balance: null }, made, { pool: named } as never);
  try {
    engine.restore({ arrays: snapshot.arrays as never, json });
    engine.settle();
  } catch (cause) {
    engine.dispose();
    const what = `its checkpoint does not fit the model ${config.model}: ${isGradpoolError(cause) ? cause.what : String(cause)}`;
    throw problem("damaged", what, folder, "open it with the release that trained it, or train it again", cause);
  }
  return { engine, weights };
}

function readWeights(folder: string): { readonly snapshot: Snapshot; readonly weights: "best" | "newest" } {
  const { checkpoint } = pathsOf(folder);
  const found = existsSync(checkpoint) ? loadWeights(checkpoint) : null;
  if (found !== null) return found;
  throw problem("not-found", "there is no trained model", folder, "give the folder of a run: --out of train");
}

/** Weights mean nothing with the ids of another set. */
function requireSameData({ json }: Snapshot, expected: JsonObject, folder: string): void {
  const held = (json["fingerprint"] as JsonObject | undefined)?.["data"];
  if (held === undefined || held === expected["data"]) return;
  throw problem(
    "invalid-input",
    `its checkpoint was trained on another data set than ${String(expected["name"])}`,
    folder,
    "give back the file data.gradpool that this run wrote, or the data that it was trained on",
  );
}
