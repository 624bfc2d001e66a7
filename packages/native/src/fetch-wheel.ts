import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { download } from "./download.js";
import { reason } from "./error.js";
import { type IndexConfig, indexConfig } from "./pip-config.js";
import { findPip, pipDownload } from "./pip.js";
import type { Machine } from "./platform.js";
import { listFiles } from "./simple-index.js";
import type { Requirement } from "./wheel.js";
import { chooseWheel } from "./wheel.js";

export interface FetchedWheel {
  readonly path: string;
  readonly file: string;
  readonly sha256: string;
}

export interface FetchSettings {
  readonly machine: Machine;
  readonly gpu: boolean;
  /** `auto`: a plain download, and pip where that fails or where only pip knows all indexes. */
  readonly via: "auto" | "https" | "pip";
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  readonly progress: (file: string, received: number, total: number | undefined) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Fetches the wheel that meets a requirement on this machine into a folder of its own. */
export async function fetchWheel(
  requirement: Requirement,
  folder: string,
  settings: FetchSettings,
): Promise<FetchedWheel> {
  const { via, env, signal, say } = settings;
  mkdirSync(folder, { recursive: true });
  if (via === "pip") return withPip((await findPip()) ?? "pip", requirement, folder, settings);
  const config = indexConfig(env);
  const pip = via === "auto" ? findPip : async () => undefined;
  if (config.pipsOwn) {
    // Of a pinned version, any index's file is the right one; the newest of several is known only when all were asked.
    const first = pinned(requirement) ? undefined : await pip();
    if (first !== undefined) return withPip(first, requirement, folder, settings);
  }
  try {
    return await plainly(config, requirement, folder, settings);
  } catch (error) {
    signal?.throwIfAborted();
    const second = pipMayDoBetter(error) ? await pip() : undefined;
    if (second === undefined) throw error;
    say(reason(error));
    // What broke off must not pass for pip's own.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    return withPip(second, requirement, folder, settings);
  }
}

const pinned = ({ specifier }: Requirement): boolean => /^==[^,*]+$/.test(specifier);

/** A file that differs from its digest must not come by another way instead, and a full disk stays full. */
function pipMayDoBetter(error: unknown): boolean {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return code !== "damaged" && cause?.code !== "ENOSPC";
}

async function withPip(
  pip: string,
  requirement: Requirement,
  folder: string,
  { machine, gpu, signal, say }: FetchSettings,
): Promise<FetchedWheel> {
  say(`fetching ${requirement.project}${requirement.specifier} with ${pip}`);
  const { file, sha256 } = await pipDownload(pip, requirement, machine, gpu, folder, signal);
  return { path: join(folder, file), file, sha256 };
}

/** Without pip: from the indexes and folders whose addresses are known here. */
async function plainly(
  config: IndexConfig,
  { project, specifier }: Requirement,
  folder: string,
  { machine, gpu, signal, say, progress }: FetchSettings,
): Promise<FetchedWheel> {
  const files = await listFiles(config, project, signal);
  const chosen = chooseWheel(files, project, specifier, machine, gpu);
  const path = join(folder, chosen.filename);
  if (chosen.sha256 === undefined)
    say(`the index gives no digest for ${chosen.filename}: only the wheel's own RECORD is checked`);
  const sha256 = await download(chosen, path, (received, total) => progress(chosen.filename, received, total), signal);
  return { path, file: chosen.filename, sha256 };
}
