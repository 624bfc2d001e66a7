import { existsSync } from "node:fs";
import { isGradpoolError, type JsonObject } from "@gradpool/core";
import { loadPool } from "@gradpool/registry";
import { type Engine, grownArrays, loadWeights, type Snapshot, standIn } from "@gradpool/trainer";
import type { TrainConfig } from "../options/training.js";
import { makeEngine } from "../run/engine.js";
import { pathsOf } from "../run/folder.js";
import type { MadeWorkload } from "../workloads/contract.js";
import { problem } from "./errors.js";

export interface Restored {
  readonly engine: Engine;
  readonly weights: "best" | "newest";
}

/** Weights as their file holds them. */
export interface Stored {
  readonly snapshot: Snapshot;
  readonly weights: "best" | "newest";
}

/** A run's weights, once they are known to be of its data: before a model is made of these, which would only say what of it is missing. */
export function storedWeights(folder: string, expected: JsonObject): Stored {
  const stored = readWeights(folder);
  requireSameData(stored.snapshot, expected, folder);
  return stored;
}

/** The engine of a run with its trained weights. What the run's pool was does not matter any more, so none of its code runs. */
export async function restoreEngine(
  folder: string,
  config: TrainConfig,
  made: MadeWorkload,
  { snapshot, weights }: Stored,
): Promise<Restored> {
  const json = snapshot.json["engine"] as JsonObject;
  const { pool } = await loadPool("ew");
  const named = { ...pool, name: String(json["pool"]) };
  const engine = await makeEngine({ ...config, balance: null }, made, { pool: named } as never);
  try {
    const arrays =
      snapshot.json["arrivals"] === undefined
        ? withRoom(snapshot.arrays, engine, made)
        : followed(snapshot.arrays, engine, made);
    engine.restore({ arrays: arrays as never, json });
    engine.settle();
    for (const { name, dim, plus } of made.model.tables) if (plus) standIn(engine.table(name), dim, plus.shown);
  } catch (cause) {
    engine.dispose();
    const what = `its checkpoint does not fit the model ${config.model}: ${isGradpoolError(cause) ? cause.what : String(cause)}`;
    throw problem("damaged", what, folder, "open it with the release that trained it, or train it again", cause);
  }
  return { engine, weights };
}

/** Of a run that follows: killed where its tables grow, it has said so, and no checkpoint of that size yet. */
const followed = (arrays: Snapshot["arrays"], engine: Engine, { model }: MadeWorkload): Snapshot["arrays"] => {
  const tables = model.tables.map(({ name }) => name);
  return grownArrays(arrays as never, engine.snapshot().arrays, tables);
};

/** Arrays of owners' tables with room for those who came since, of whom nothing is learnt. */
function withRoom(arrays: Snapshot["arrays"], engine: Engine, { model }: MadeWorkload): Snapshot["arrays"] {
  const tables = new Set(model.tables.flatMap(({ name, plus }) => (plus === undefined ? [] : [name])));
  const wanted = engine.snapshot().arrays;
  return new Map(
    [...arrays].map(([key, values]) => {
      const length = wanted.get(key)?.length ?? 0;
      if (!tables.has(key.slice(key.indexOf("/") + 1)) || length <= values.length) return [key, values];
      const out = new (values.constructor as Float32ArrayConstructor)(length);
      out.set(values as Float32Array);
      return [key, out];
    }),
  );
}

function readWeights(folder: string): Stored {
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
