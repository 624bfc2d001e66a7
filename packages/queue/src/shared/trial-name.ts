import { nameAt, type TrialSpec } from "@gradpool/bench";
import { plain } from "./plain.js";

/** `pcgrad lr=0.01 seed 2`. */
export function trialName({ label, point, config }: TrialSpec): string {
  const shown = nameAt({ label, pool: config.pool });
  const at = Object.entries(point).flatMap(([key, value]) =>
    shown.includes(`${key}=${value}`) ? [] : ` ${key}=${value}`,
  );
  return plain(`${shown}${at.join("")} seed ${config.seed}`);
}
