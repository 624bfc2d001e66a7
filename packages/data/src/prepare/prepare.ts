import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { given } from "@gradpool/core";
import { throwIfAborted } from "../errors.js";
import { formatOf } from "../formats/list.js";
import { readOptions } from "../formats/options.js";
import type { Reading } from "../formats/reader.js";
import type { Manifest } from "../set/manifest.js";
import { writeManifest } from "../set/manifest-file.js";
import { intoFolder } from "../set/publish.js";
import type { Workspace } from "../tables/workspace.js";
import { readAfter } from "./after.js";
import { build } from "./build.js";
import { choiceOf, choose } from "./choose.js";
import { resolveMeans, resolveOptions, type PrepareOptions, type ResolvedOptions } from "./options.js";
import { reportOf, type PrepareReport } from "./report.js";
import { openWorkspace, type Means, type PrepareHooks } from "./work.js";

/**
 * Turns the files people have into a prepared set: unique pairs per behaviour, filtered, split, free of leakage, as
 * Parquet with a manifest. The set is made in a temporary folder next to `out` and renamed when whole.
 *
 * @throws GradpoolError: code `usage` for a wrong request; `not-found`, `invalid-input`, `damaged` for the input;
 * `interrupted`; `failed` for everything else.
 */
export async function prepare(options: PrepareOptions, hooks: PrepareHooks = {}): Promise<PrepareReport> {
  const started = performance.now();
  const resolved = resolveOptions(options);
  const means = resolveMeans(options);
  throwIfAborted(hooks.signal);
  const { manifest, notes } = await intoFolder(resolve(options.out), options.force ?? false, async (work) => {
    const made = await prepareInto(work, options, resolved, means, hooks);
    throwIfAborted(hooks.signal);
    await writeManifest(`${work}/set`, made.manifest);
    return made;
  });
  return reportOf(manifest, notes, started);
}

function readingOf(workspace: Workspace, options: PrepareOptions): Reading {
  const own = given(Object.fromEntries(readOptions.map((option) => [option, options[option]])));
  return { ...workspace, options: own, target: options.target };
}

async function prepareInto(
  work: string,
  options: PrepareOptions,
  resolved: ResolvedOptions,
  means: Means,
  hooks: PrepareHooks,
): Promise<{ readonly manifest: Manifest; readonly notes: readonly string[] }> {
  const open = await openWorkspace(work, means, options.encoding, hooks);
  const { workspace } = open;
  try {
    const staged = await formatOf(options.format)
      .read(readingOf(workspace, options))
      .catch(async (error: unknown) => {
        // A damaged source says more than what its reader made of it.
        await open.sources();
        throw error;
      });
    const sources = await open.sources();
    workspace.malformed.check(options.strict ?? false);
    await mkdir(`${work}/set`);
    const chosen = await choose(workspace, staged, choiceOf(options));
    const after = await readAfter(options.after);
    const manifest = await build({ ...workspace, resolved, ...given({ after }) }, chosen, `${work}/set`, sources);
    return { manifest, notes: open.notes };
  } finally {
    await open.close();
  }
}
