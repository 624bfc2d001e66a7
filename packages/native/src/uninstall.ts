import { existsSync } from "node:fs";
import { join } from "node:path";
import { swapOut, withStaging } from "./staging.js";
import { findTarget, keptName, readManifest } from "./target.js";

export interface UninstallOptions {
  /** The project whose tfjs-node is meant; default: the current folder. */
  readonly cwd?: string;
  /** tfjs-node-gpu; default false. */
  readonly gpu?: boolean;
}

export interface UninstallResult {
  readonly action: "removed" | "absent";
  readonly package: string;
  readonly directory: string;
  readonly tensorflow?: string;
  /** True when the library that was there before `install` is back in place. */
  readonly restored: boolean;
}

/** Undoes `install`: removes what it put there and gives back what was there before. A library that is not ours is left alone. */
export async function uninstall(options: UninstallOptions = {}): Promise<UninstallResult> {
  const target = findTarget(options.cwd ?? process.cwd(), options.gpu ?? false);
  const manifest = readManifest(target);
  const found = { package: target.name, directory: target.lib };
  const interrupted = existsSync(join(target.directory, keptName)) && !existsSync(target.lib);
  if (manifest === undefined && !interrupted) return { action: "absent", ...found, restored: false };
  const restored = await withStaging(target, async (staging) => swapOut(target, staging));
  return {
    action: "removed",
    ...found,
    ...(manifest === undefined ? {} : { tensorflow: manifest.tensorflow }),
    restored,
  };
}
