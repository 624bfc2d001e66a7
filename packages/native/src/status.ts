import { existsSync } from "node:fs";
import { join } from "node:path";
import { isGradpoolError } from "@gradpool/core";
import { bindingName } from "./build.js";
import type { Check } from "./check.js";
import { checkBinding } from "./check.js";
import { reason } from "./error.js";
import type { Manifest } from "./target.js";
import { findTarget, readManifest } from "./target.js";

export interface StatusOptions {
  /** The project whose packages are meant; default: the current folder. */
  readonly cwd?: string;
  readonly signal?: AbortSignal;
}

export interface PackageStatus {
  readonly package: string;
  /** `absent`: the package is not installed; `empty`: it has no library; `ours`: install put one there; `other`: its own script did. */
  readonly library: "absent" | "empty" | "ours" | "other";
  readonly directory?: string;
  readonly manifest?: Manifest;
  /** What a fresh process computed with it; missing when there is no library or it does not run. */
  readonly check?: Check;
  readonly problem?: string;
}

async function statusOf(cwd: string, gpu: boolean, signal: AbortSignal | undefined): Promise<PackageStatus> {
  const name = gpu ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-node";
  let target;
  try {
    target = findTarget(cwd, gpu);
  } catch (error) {
    if (isGradpoolError(error) && error.code === "not-found") return { package: name, library: "absent" };
    throw error;
  }
  const binding = join(target.lib, target.folder, bindingName);
  if (!existsSync(binding)) return { package: name, library: "empty", directory: target.directory };
  let manifest: Manifest | undefined;
  try {
    manifest = readManifest(target);
    const found = {
      package: name,
      library: manifest === undefined ? ("other" as const) : ("ours" as const),
      directory: target.lib,
    };
    return {
      ...found,
      ...(manifest === undefined ? {} : { manifest }),
      check: await checkBinding(target.directory, binding, signal),
    };
  } catch (error) {
    signal?.throwIfAborted();
    const known = manifest === undefined ? {} : { manifest };
    return {
      package: name,
      library: manifest === undefined ? "other" : "ours",
      directory: target.lib,
      ...known,
      problem: reason(error),
    };
  }
}

/** What lies under tfjs-node and tfjs-node-gpu as seen from a project, and whether it computes. */
export async function status(options: StatusOptions = {}): Promise<PackageStatus[]> {
  const cwd = options.cwd ?? process.cwd();
  return [await statusOf(cwd, false, options.signal), await statusOf(cwd, true, options.signal)];
}
