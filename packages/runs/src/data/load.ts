import { createHash } from "node:crypto";
import { generateShop, loadPrepared, type PreparedSet, readManifest } from "@gradpool/data";
import { type DataFacts, factsOf, factsOfManifest } from "./facts.js";
import { parseData } from "./spec.js";

export interface LoadedData {
  readonly set: PreparedSet;
  /** Changes when the data does: it is part of a trial's name. */
  readonly hash: string;
}

/** The hash of a data set, by which trials are named and machines find it; reads the manifest alone. */
export async function hashData(data: string): Promise<string> {
  const source = parseData(data);
  return source.kind === "shop" ? hashOfShop(source.options) : hashOf(await readManifest(source.path));
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hashOf = (manifest: unknown): string => sha256(JSON.stringify(manifest));
const hashOfShop = (options: unknown): string => sha256(`shop ${JSON.stringify(options)}`);

/** Opens a prepared folder, or generates the embedded shop. */
export async function loadData(data: string): Promise<LoadedData> {
  const source = parseData(data);
  if (source.kind === "shop") {
    return { set: generateShop(source.options), hash: hashOfShop(source.options) };
  }
  const set = await loadPrepared(source.path);
  return { set, hash: hashOf(set.manifest) };
}

/** What can be said of a data set before training on it, and its hash; reads the manifest alone where there is one. */
export async function describeData(data: string): Promise<{ readonly facts: DataFacts; readonly hash: string }> {
  const source = parseData(data);
  if (source.kind === "shop") {
    const { set, hash } = await loadData(data);
    return { facts: factsOf(set), hash };
  }
  const manifest = await readManifest(source.path);
  return { facts: await factsOfManifest(source.path, manifest), hash: hashOf(manifest) };
}
