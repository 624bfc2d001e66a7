import { sep } from "node:path";
import { framesOf, isOurs } from "@gradpool/core";

/** The folders of third parties' modules that were loaded. */
const folders = new Set<string>();

/** Code from this folder is somebody's own from now on. */
export function noteForeign(folder: string): void {
  folders.add(folder);
}

/** `file:line:column` of the first frame of a stack in a third party's module, or in a file below its folder; undefined: there is none. */
export function foreignPlace(stack: string | undefined): string | undefined {
  const below = (folder: string, place: string): boolean =>
    place.startsWith(folder + sep) && !/[/\\]node_modules[/\\]/.test(place.slice(folder.length));
  return framesOf(stack).find((place) => !isOurs(place) && [...folders].some((folder) => below(folder, place)));
}
