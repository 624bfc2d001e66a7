import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import { hashData } from "@gradpool/runs";

/** The prepared sets of a machine: hash → folder. */
export type Sets = ReadonlyMap<string, string>;

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
