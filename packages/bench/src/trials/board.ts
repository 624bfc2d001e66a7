import { join } from "node:path";
import { nameAt } from "../plan/label.js";
import type { TrialSpec } from "../results/types.js";

/** `pcgrad lr=0.01 seed 2`: what stands in the name already is not said twice. */
export function trialName({ label, point, config }: TrialSpec): string {
  const shown = nameAt({ label, pool: config.pool, point });
  const at = Object.entries(point).flatMap(([key, value]) =>
    shown.includes(`${key.replace(/^pool\./, "")}=${value}`) || label.includes(`{${key}}`) ? [] : ` ${key}=${value}`,
  );
  return `${shown}${at.join("")} seed ${config.seed}`;
}

/** Where a trial's event files go: a folder of its name, which is what TensorBoard shows, with its id where the name is no folder's. */
export function boardFolder(folder: string, trial: TrialSpec): string {
  const name = trialName(trial);
  const plain = name.replaceAll(/[^\p{L}\p{N} ._=,+()@-]/gu, "_");
  return join(folder, plain === name ? name : `${plain} ${trial.folder ?? trial.id}`);
}
