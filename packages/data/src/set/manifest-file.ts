import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { sealed, unsealed } from "@gradpool/files";
import { problem } from "../errors.js";
import { expandForeign } from "./foreign.js";
import { formatVersions, type Manifest } from "./manifest.js";
import { recover } from "./publish.js";

const nameIn = (folder: string): string => join(folder, "manifest.json");

/** Writes `manifest.json`, with a digest of itself as its last field: the other files' are in it. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeFile(nameIn(folder), `${JSON.stringify(sealed(manifest), null, 2)}\n`);
}

/**
 * Reads and checks `manifest.json` alone. Errors: `not-found` without one, `version` for another format version, `damaged` if a byte
 * of it was changed.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = nameIn(folder);
  const written = await textOf(path).catch(async (error: unknown) => {
    // A replacement that was killed between two renames left the old set beside its place.
    if (await recover(resolve(folder))) return textOf(path);
    throw error;
  });
  const damaged = (what: string, cause?: unknown) => problem("damaged", what, path, "prepare the set again", cause);
  let held: unknown;
  try {
    held = JSON.parse(written);
  } catch (error) {
    throw damaged("the manifest is no JSON", error);
  }
  const foreign = await expandForeign(folder, held);
  if (foreign !== undefined) return foreign;
  const { content: manifest, seal } = unsealed((held ?? {}) as Manifest);
  if (manifest.format !== "gradpool-data" || !Array.isArray(manifest.files) || !manifest.tables) {
    throw damaged("this is not the manifest of a prepared set");
  }
  if (!(formatVersions as readonly number[]).includes(manifest.version)) {
    const remedy =
      (manifest.version ?? 0) > Math.max(...formatVersions) ? "update @gradpool/data" : "prepare the set again";
    const known = formatVersions.join(" or ");
    throw problem("version", `the set has format version ${manifest.version}, not ${known}`, path, remedy);
  }
  // Sets of before the first release have none.
  if (seal === "broken") throw damaged("the manifest was changed");
  return manifest;
}

const textOf = (path: string): Promise<string> =>
  readFile(path, "utf8").catch((error: unknown) => {
    throw problem("not-found", "there is no prepared set", path, "prepare one first", error);
  });
