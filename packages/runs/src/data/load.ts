import { createHash } from "node:crypto";
import { generateShop, loadPrepared, type Manifest, type PreparedSet, readManifest } from "@gradpool/data";
import type { TrainConfig } from "../options/training.js";
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

/** Where rows shown are while a model learns from them: in memory, on the disk, or, by `auto`, where they fit. */
export type Reading = TrainConfig["read"];

/** Bytes of rows in memory from which on they are left on the disk. */
const mostInMemory = 2 ** 30;

/** Bytes that all rows shown would take in memory, lists counted as one value. */
function bytesOfRows({ tables }: Manifest): number {
  const { impressions, features } = tables;
  if (impressions === undefined) return 0;
  const own = features.filter(({ entity }) => entity === "impression").length;
  return impressions.rows * (4 * (2 + own) + impressions.tasks.length + (impressions.timed ? 8 : 0));
}

/** Opens a prepared folder, or generates the embedded shop. `read`: where its rows shown are to be; default memory. */
export async function loadData(data: string, read: Reading = "memory"): Promise<LoadedData> {
  const source = parseData(data);
  if (source.kind === "shop") {
    return { set: generateShop(source.options), hash: hashOfShop(source.options) };
  }
  const large = read === "auto" && bytesOfRows(await readManifest(source.path)) > mostInMemory;
  const set = await loadPrepared(source.path, { rows: read === "stream" || large ? "stream" : "memory" });
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
