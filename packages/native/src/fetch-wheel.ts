import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { download } from "./download.js";
import { reason } from "./error.js";
import { indexConfig } from "./pip-config.js";
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
  /** `auto`: a plain download, and pip when the index cannot be reached so. */
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
  const { machine, gpu, via, env, signal } = settings;
  mkdirSync(folder, { recursive: true });
  const withPip = async (pip: string): Promise<FetchedWheel> => {
    settings.say(`fetching ${requirement.project}${requirement.specifier} with ${pip}`);
    const { file, sha256 } = await pipDownload(pip, requirement, machine, gpu, folder, signal);
    return { path: join(folder, file), file, sha256 };
  };
  if (via === "pip") return withPip((await findPip()) ?? "pip");
  let files;
  try {
    files = await listFiles(indexConfig(env), requirement.project, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const pip = via === "auto" ? await findPip() : undefined;
    if (pip === undefined) throw error;
    settings.say(reason(error));
    return withPip(pip);
  }
  const chosen = chooseWheel(files, requirement.project, requirement.specifier, machine, gpu);
  const path = join(folder, chosen.filename);
  if (chosen.sha256 === undefined)
    settings.say(`the index gives no digest for ${chosen.filename}: only the wheel's own RECORD is checked`);
  const sha256 = await download(
    chosen,
    path,
    (received, total) => settings.progress(chosen.filename, received, total),
    signal,
  );
  return { path, file: chosen.filename, sha256 };
}
