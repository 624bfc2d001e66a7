import { isGradpoolError } from "@gradpool/core";
import { type FetchedWheel, type FetchSettings, fetchWheel } from "./fetch-wheel.js";

/** The version whose library the bindings of tfjs-node 4.22 are tested with. */
export const defaultTensorflow: string = "2.19.1";

/**
 * Versions that are known to work, the default first, then the nearest to it: not every index keeps every one. On a GPU the CUDA libraries
 * change with the version, and the default alone has been tried.
 */
export const knownTensorflow = (gpu: boolean): readonly string[] =>
  gpu ? [defaultTensorflow] : [defaultTensorflow, "2.21.0"];

/** TensorFlow's wheel of the first of these versions that is offered; says which, where it is not the first. */
export async function fetchTensorflow(
  project: string,
  versions: readonly string[],
  folder: string,
  settings: FetchSettings,
): Promise<FetchedWheel & { readonly version: string }> {
  let first: unknown;
  for (const version of versions) {
    try {
      const wheel = await fetchWheel({ project, specifier: `==${version}` }, folder, settings);
      if (version !== versions[0])
        settings.say(`no ${project} ${versions[0]} is offered: taking ${version}, the nearest that is known to work`);
      return { ...wheel, version };
    } catch (error) {
      settings.signal?.throwIfAborted();
      if (!isGradpoolError(error) || error.code !== "not-found") throw first ?? error;
      first ??= error;
    }
  }
  throw first;
}
