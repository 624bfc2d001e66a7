import { sep } from "node:path";
import { framesOf, isOurs } from "@gradpool/core";

/** The folders of third parties' modules that were loaded, and how the modules were named. */
const folders = new Map<string, Set<string>>();

/** Code from this folder is somebody's own from now on. */
export function noteForeign(folder: string, source: string): void {
  folders.set(folder, (folders.get(folder) ?? new Set()).add(source));
}

/** The third parties' modules that were loaded, as they were named. */
export const foreignSources = (): readonly string[] => [...folders.values()].flatMap((sources) => [...sources]);

/** `file:line:column` of the first frame of a stack in a third party's module, or in a file below its folder; undefined: there is none. */
export function foreignPlace(stack: string | undefined): string | undefined {
  const below = (folder: string, place: string): boolean =>
    place.startsWith(folder + sep) && !/[/\\]node_modules[/\\]/.test(place.slice(folder.length));
  return framesOf(stack).find((place) => !isOurs(place) && [...folders.keys()].some((folder) => below(folder, place)));
}
