import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { problem } from "../errors.js";
import { formatVersion, type Manifest } from "./manifest.js";
import { recover } from "./publish.js";

/** Reads and checks `manifest.json` alone. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = `${folder}/manifest.json`;
  const written = await readFile(path, "utf8").catch(async (error: unknown) => {
    // A replacement that was killed between two renames left the old set beside its place.
    if (await recover(resolve(folder))) return readFile(path, "utf8");
    throw problem("not-found", "there is no prepared set", path, "prepare one first", error);
  });
  let manifest: Partial<Manifest>;
  try {
    manifest = JSON.parse(written) as Partial<Manifest>;
  } catch (error) {
    throw problem("damaged", "the manifest is no JSON", path, "prepare the set again", error);
  }
  if (manifest?.format !== "gradpool-data" || !Array.isArray(manifest.files) || !manifest.tables) {
    throw problem("damaged", "this is not the manifest of a prepared set", path, "prepare the set again");
  }
  if (manifest.version !== formatVersion) {
    const remedy = (manifest.version ?? 0) > formatVersion ? "update @gradpool/data" : "prepare the set again";
    throw problem("version", `the set has format version ${manifest.version}, not ${formatVersion}`, path, remedy);
  }
  return manifest as Manifest;
}
