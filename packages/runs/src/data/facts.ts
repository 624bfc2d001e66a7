import { createHash } from "node:crypto";
import {
  generateShop,
  kindOfValues,
  loadPrepared,
  type PreparedSet,
  readManifest,
  readValueKind,
  type ValueKind,
} from "@gradpool/data";
import { parseCall } from "./call.js";

/** What a data set offers, without its rows. */
export interface DataFacts {
  readonly target: string;
  readonly tasks: {
    readonly behaviors: readonly string[];
    readonly itemPairs: readonly string[];
    readonly impressions: readonly string[];
  };
  /** What the values of the target's training pairs are taken for. Only ratings make `rating` a side task by itself. */
  readonly values: ValueKind;
  /** True if the data has what this task learns from. */
  offers(task: string): boolean;
  /** Changes when the data does: it is part of a trial's name. */
  readonly hash: string;
}

export interface LoadedData {
  readonly set: PreparedSet;
  readonly hash: string;
}

const isShop = (data: string): boolean => /^shop(\(|$)/.test(data);

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Opens a prepared folder, or generates the embedded shop: `shop`, `shop(users=4000,agreement=0.3)`. */
export async function loadData(data: string): Promise<LoadedData> {
  if (!isShop(data)) {
    const set = await loadPrepared(data);
    return { set, hash: sha256(JSON.stringify(set.manifest)) };
  }
  const { options } = parseCall(data, "--data");
  return { set: generateShop(options), hash: sha256(`shop ${JSON.stringify(options)}`) };
}

/** What can be said of a data set before training on it; reads the manifest alone where there is one. */
export async function describeData(data: string): Promise<DataFacts> {
  if (isShop(data)) {
    const { set, hash } = await loadData(data);
    return factsOf(set, hash);
  }
  const manifest = await readManifest(data);
  const { tables, target } = manifest;
  return facts(
    target,
    {
      behaviors: tables.behaviors.map((behavior) => behavior.name),
      itemPairs: tables.itemPairs.map((pairs) => pairs.name),
      impressions: tables.impressions?.tasks ?? [],
    },
    {
      social: tables.social !== undefined,
      category: tables.category !== undefined,
      values: await readValueKind(data),
    },
    sha256(JSON.stringify(manifest)),
  );
}

export function factsOf(set: PreparedSet, hash: string): DataFacts {
  return facts(
    set.target,
    {
      behaviors: Object.keys(set.behaviors),
      itemPairs: Object.keys(set.itemPairs),
      impressions: set.impressions?.tasks ?? [],
    },
    {
      social: set.social !== undefined,
      category: set.categories !== undefined,
      values: kindOfValues(set.behaviors[set.target]?.train.values ?? []),
    },
    hash,
  );
}

function facts(
  target: string,
  tasks: DataFacts["tasks"],
  has: { readonly social: boolean; readonly category: boolean; readonly values: ValueKind },
  hash: string,
): DataFacts {
  const offered = new Set<string>([
    ...tasks.behaviors,
    ...tasks.itemPairs,
    ...tasks.impressions,
    ...(tasks.impressions.length > 0 ? ["impressions"] : []),
    ...(has.social ? ["social"] : []),
    ...(has.category ? ["category"] : []),
    ...(has.values === "none" ? [] : ["rating"]),
    ...(tasks.behaviors.length > 0 ? ["au"] : []),
  ]);
  return { target, tasks, hash, values: has.values, offers: (task) => offered.has(task) };
}
