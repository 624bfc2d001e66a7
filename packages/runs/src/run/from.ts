import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { GradpoolError, type JsonObject } from "@gradpool/core";
import { readManifest, sizesOf } from "@gradpool/data";
import { loadWeights, type Snapshot } from "@gradpool/trainer";
import { hashData } from "../data/load.js";
import { parseData } from "../data/spec.js";
import { readKept } from "../kept/keep.js";
import type { TrainConfig, TrainField } from "../options/training.js";
import { pathsOf } from "./folder.js";
import { ofEpochs } from "./of-epochs.js";
import type { Beginning } from "./partitions.js";
import { readConfig } from "./read-config.js";

/** A trained run that another one begins with. */
export interface From {
  readonly folder: string;
  readonly config: Partial<TrainConfig>;
  readonly snapshot: Snapshot;
  readonly beginning: Beginning;
}

/** What makes a model: with another one, weights mean nothing. */
const ofModel: readonly TrainField[] = ["model", "pool", "tasks", "optimizer", "rows", "balance", "features", "drop"];

/** Errors: `not-found` for a folder without a trained run or without its data, `damaged`. */
export async function readFrom(folder: string): Promise<From> {
  const paths = pathsOf(folder);
  const found = loadWeights(paths.checkpoint);
  const refuse = (what: string, remedy: string): GradpoolError =>
    new GradpoolError({ code: "not-found", what, where: folder, remedy });
  if (found === null) throw refuse("there is no trained model", "give the folder of a run: --out of train");
  const { snapshot } = found;
  const held = readConfig(paths.config);
  const config = Object.fromEntries(Object.entries(held).filter(([name]) => !ofEpochs.includes(name as TrainField)));
  const { set, measures } = readKept(paths.data);
  const named = await namesOf(folder, held.data ?? "", snapshot.json);
  return { folder, config, snapshot, beginning: { sizes: sizesOf(set), measures, named } };
}

/** The prepared set that says what the run's numbers are called; null: nothing does, and they are all there is. */
async function namesOf(folder: string, data: string, json: JsonObject): Promise<string | null> {
  const arrivals = json["arrivals"] as JsonObject | undefined;
  if (arrivals !== undefined) {
    const named = (arrivals["named"] ?? null) as string | null;
    return named === null ? null : join(pathsOf(folder).partitions, named);
  }
  const source = parseData(data);
  if (source.kind === "shop") return null;
  const { tables } = await readManifest(source.path);
  if (tables.users === "") return null;
  if ((await hashData(data)) === (json["fingerprint"] as JsonObject)["data"]) return source.path;
  throw new GradpoolError({
    code: "invalid-input",
    what: `${data} is another set than the run was trained on`,
    where: folder,
    remedy: "put that set back: it says what the run's numbers are called",
  });
}

/** What was learnt, at the learning rate of the options: a schedule may have left another. */
export function startOf({ snapshot: { arrays, json } }: From, { lr: learningRate }: TrainConfig): Snapshot {
  return { arrays, json: { ...json, engine: { ...(json["engine"] as JsonObject), learningRate } } };
}

/** Refuses options that would make another model of the weights. */
export function requireSameModel({ folder, config: held }: From, config: TrainConfig): void {
  const field = ofModel.find((name) => held[name] !== undefined && !isDeepStrictEqual(held[name], config[name]));
  if (field === undefined) return;
  throw new GradpoolError({
    code: "invalid-input",
    what: `the run that is begun with has another \`${field}\`: ${JSON.stringify(held[field])}, not ${JSON.stringify(config[field])}`,
    where: folder,
    remedy: `leave \`${field}\` out`,
  });
}
