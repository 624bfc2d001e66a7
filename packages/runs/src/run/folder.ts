import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import { writeWhole } from "@gradpool/files";
import type { TrainConfig } from "../options/training.js";
import { readConfig } from "./read-config.js";

/** What a run writes into its folder; everything else there is somebody's, and left alone. */
export const ownNames = {
  config: "config.json",
  metrics: "metrics.jsonl",
  diagnostics: "diagnostics.jsonl",
  data: "data.gradpool",
  result: "result.json",
  checkpoint: "checkpoint",
  partitions: "partitions",
  card: "card.json",
  cardText: "card.md",
} as const;

const names: readonly string[] = Object.values(ownNames);

/** The paths of a run's files. */
export const pathsOf = (out: string): { readonly [K in keyof typeof ownNames]: string } =>
  Object.fromEntries(Object.entries(ownNames).map(([key, name]) => [key, join(out, name)])) as never;

/** Whether a folder holds a run, begun or ended: by its checkpoints, or by its configuration. */
export function holdsRun(out: string): boolean {
  const { config } = pathsOf(out);
  if (hasTrained(out)) return true;
  if (!existsSync(config)) return false;
  try {
    readConfig(config);
    return true;
  } catch (error) {
    if (isGradpoolError(error)) return false;
    throw error;
  }
}

/** Whether there is training to go on with. */
export function hasTrained(out: string): boolean {
  const { checkpoint } = pathsOf(out);
  return existsSync(checkpoint) && readdirSync(checkpoint).some((name) => name.endsWith(".gradpool"));
}

/** Refuses a folder in which a new run would write over anything. Code `invalid-input`. */
export function requireFree(out: string): void {
  const refuse = (what: string, remedy: string): GradpoolError =>
    new GradpoolError({ code: "invalid-input", what, where: out, remedy });
  const found = statSync(out, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) throw refuse("a file is there", "give a folder of the run's own as `out`");
  if (holdsRun(out))
    throw refuse("the folder holds a run already", "go on with it with `resume`, or choose another `out`");
  const [held] = names.filter((name) => existsSync(join(out, name)));
  if (held !== undefined)
    throw refuse(`${held} is there, and is no run's`, "choose another `out`: nothing is overwritten");
}

/** Removes what a run wrote that ended before there was anything to go on with. */
export function removeUntrained(out: string): void {
  if (hasTrained(out)) return;
  for (const name of names) rmSync(join(out, name), { recursive: true, force: true });
}

/** The whole configuration, so that the same run can be made again from its folder alone. */
export function writeConfig(out: string, config: TrainConfig): void {
  const { config: path } = pathsOf(out);
  const text = `${JSON.stringify(config, null, 2)}\n`;
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeWhole(path, text);
}
