import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import { hashData } from "@gradpool/runs";

/** The prepared sets of a machine: hash → folder. */
export type Sets = ReadonlyMap<string, string>;

/** The sets below some folders, as they are when they are asked for. */
export interface HeldSets {
  /** The hashes that were found last. */
  hashes(): Iterable<string>;
  /** The folder whose set still has this hash; undefined where it is gone or is another by now. */
  find(hash: string): Promise<string | undefined>;
  /** Looks for sets that have come. */
  look(): Promise<void>;
}

/** Error `not-found` for a folder that is not there. */
export async function holdSets(folders: readonly string[], onNote: (line: string) => void): Promise<HeldSets> {
  let sets = await findSets(folders, onNote);
  return {
    hashes: () => sets.keys(),
    async find(hash) {
      if (await isStill(sets.get(hash), hash)) return sets.get(hash);
      sets = await findSets(folders, onNote);
      return sets.get(hash);
    },
    async look() {
      sets = await findSets(folders, onNote);
    },
  };
}

/** Whether a set is still what it was found to be. */
async function isStill(folder: string | undefined, hash: string): Promise<boolean> {
  if (folder === undefined) return false;
  try {
    return (await hashData(folder)) === hash;
  } catch (error) {
    if (isGradpoolError(error)) return false;
    throw error;
  }
}

const isSet = (folder: string): boolean => existsSync(join(folder, "manifest.json"));

/** The sets that folders are or hold. What cannot be read is noted and passed over. Error `not-found` for a folder that is not there. */
export async function findSets(folders: readonly string[], onNote: (line: string) => void): Promise<Sets> {
  const sets = new Map<string, string>();
  for (const folder of folders.map((one) => resolve(one)).flatMap(setsIn)) {
    try {
      sets.set(await hashData(folder), folder);
    } catch (error) {
      if (!isGradpoolError(error)) throw error;
      onNote(`a set is passed over: ${error.message}`);
    }
  }
  return sets;
}

function setsIn(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const remedy = "give a prepared set, or a folder of them";
    throw new GradpoolError({ code: "not-found", what: "there is no such folder", where: folder, remedy });
  }
  if (isSet(folder)) return [folder];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter(isSet);
}
