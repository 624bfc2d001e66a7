import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { failure, reason } from "./error.js";
import type { Target } from "./target.js";
import { keptName, readManifest } from "./target.js";

const prefix = ".gradpool-native-";

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Removes what killed runs left behind. */
function sweep(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = Number(name.startsWith(prefix) ? name.slice(prefix.length) : Number.NaN);
    if (Number.isInteger(pid) && pid !== process.pid && !alive(pid))
      rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** Runs `work` with a scratch folder inside the package, on the same file system as its goal, and removes the folder whatever happens. */
export async function withStaging<T>(target: Target, work: (staging: string) => Promise<T>): Promise<T> {
  const staging = join(target.directory, `${prefix}${process.pid}`);
  try {
    sweep(target.directory);
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging);
  } catch (cause) {
    throw failure(
      "failed",
      `the package's folder cannot be written: ${reason(cause)}`,
      target.directory,
      "run as the owner of node_modules",
      cause,
    );
  }
  try {
    return await work(staging);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/**
 * Puts a finished `lib` in place by renaming. Ours of before goes to the staging folder and with it; one that is not ours is kept
 * aside for `uninstall`. A crash between the two renames leaves no `lib`, which fails to load cleanly and which the next run mends.
 */
export function swapIn(target: Target, staging: string, fresh: string): void {
  let old: string | undefined;
  if (existsSync(target.lib)) {
    const kept = join(target.directory, keptName);
    const ours = readManifest(target) !== undefined || existsSync(kept);
    old = ours ? join(staging, "old") : kept;
    renameSync(target.lib, old);
  }
  try {
    renameSync(fresh, target.lib);
  } catch (error) {
    if (old !== undefined) renameSync(old, target.lib);
    throw error;
  }
}

/** Takes `lib` out by renaming and gives back what was kept. */
export function swapOut(target: Target, staging: string): boolean {
  const kept = join(target.directory, keptName);
  if (existsSync(target.lib)) renameSync(target.lib, join(staging, "old"));
  if (!existsSync(kept)) return false;
  renameSync(kept, target.lib);
  return true;
}
