import { loadKeys, loadVocabularies, measuresOf } from "@gradpool/data";
import { GradpoolError } from "@gradpool/core";
import { readSnapshot, writeSnapshot } from "@gradpool/trainer";
import type { LoadedData } from "../data/load.js";
import { parseData } from "../data/spec.js";
import { type KeptData, noVocabularies } from "./contract.js";
import { packNames, type PackedNames, unpackNames } from "./names.js";
import { pack, unpack } from "./pack.js";
import { reduceSet } from "./reduce.js";

/** The layout of what a run keeps of its data. */
const layout = 1;

interface Stored extends Omit<KeptData, "names"> {
  readonly layout: number;
  readonly names: { readonly users: PackedNames | null; readonly items: PackedNames | null };
}

/** What a trained model needs of the data that `data` names. */
export async function keptOf(data: string, loaded: LoadedData): Promise<KeptData> {
  const source = parseData(data);
  const kept = keptNumbers(loaded);
  if (source.kind === "shop") return kept;
  const vocabularies = await loadVocabularies(source.path);
  // Of a set without names, the numbers are all there is to keep.
  if (loaded.set.manifest?.tables.users === "") return { ...kept, vocabularies };
  return { ...kept, names: await loadKeys(source.path), vocabularies };
}

/** The same of a set that knows its users, items and values by their numbers alone. */
export function keptNumbers({ set, hash }: LoadedData): KeptData {
  const { impressions } = set;
  const rows = impressions && {
    train: impressions.train.size,
    valid: impressions.valid.size,
    test: impressions.test.size,
    ...impressions.streamed?.rows,
  };
  return {
    hash,
    set: reduceSet(set),
    names: { users: null, items: null },
    vocabularies: noVocabularies,
    measures: measuresOf(set),
    rows: rows ?? null,
  };
}

/** Writes it beside the run, whole or not at all, so that the run can be used where its data is not. */
export function writeKept(path: string, { names, ...kept }: KeptData): void {
  const packed = (list: readonly string[] | null): PackedNames | null => (list === null ? null : packNames(list));
  const stored: Stored = { layout, ...kept, names: { users: packed(names.users), items: packed(names.items) } };
  writeSnapshot(path, pack(stored));
}

/** Errors: `not-found`, `damaged`, and `version` for one that a later release wrote. */
export function readKept(path: string): KeptData {
  const { layout: found, names, ...kept } = unpack(readSnapshot(path)) as Stored;
  if (found !== layout) {
    throw new GradpoolError({
      code: "version",
      what: `the run's data has layout ${found}`,
      where: path,
      remedy: `this release reads layout ${layout}: use the release that trained the run`,
    });
  }
  const unpacked = (list: PackedNames | null): readonly string[] | null => (list === null ? null : unpackNames(list));
  return { ...kept, names: { users: unpacked(names.users), items: unpacked(names.items) } };
}
