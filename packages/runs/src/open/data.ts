import { existsSync } from "node:fs";
import { isGradpoolError } from "@gradpool/core";
import { pathsOf } from "../run/folder.js";
import { chooseFeatures } from "../data/choose-features.js";
import { loadData } from "../data/load.js";
import type { TrainConfig } from "../options/training.js";
import { problem } from "./errors.js";
import type { KeptData } from "../kept/contract.js";
import { keptOf, readKept } from "../kept/keep.js";

export interface OpenedData {
  readonly data: KeptData;
  /** What it was read from. */
  readonly name: string;
}

/** What the run kept of its data; where it kept nothing, the data itself. */
export async function openData(folder: string, config: TrainConfig): Promise<OpenedData> {
  const path = pathsOf(folder).data;
  if (existsSync(path)) return { data: readKept(path), name: path };
  try {
    const { set, hash } = await loadData(config.data);
    return { data: await keptOf(config.data, { set: chooseFeatures(set, config), hash }), name: config.data };
  } catch (error) {
    if (!isGradpoolError(error)) throw error;
    const what = `the run keeps nothing of its data, and ${config.data} cannot be read: ${error.what}`;
    throw problem("not-found", what, folder, "put the data back where it was", error);
  }
}
