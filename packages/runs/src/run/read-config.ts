import { readFileSync } from "node:fs";
import { GradpoolError } from "@gradpool/core";
import { refuseInfinite } from "@gradpool/files";
import { checkConfig } from "../options/read.js";
import type { TrainConfig } from "../options/training.js";

/** The options of training in a JSON file, such as a run's config.json, checked. */
export function readConfig(path: string): Partial<TrainConfig> {
  const refuse = (code: "not-found" | "invalid-input", what: string, remedy: string, cause: unknown): GradpoolError =>
    new GradpoolError({ code, what, where: path, remedy, cause });
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw refuse("not-found", "cannot be read", "give the path of a configuration", cause);
  }
  let held: unknown;
  try {
    held = JSON.parse(text);
  } catch (cause) {
    throw refuse("invalid-input", "not JSON", "give a run's config.json", cause);
  }
  refuseInfinite(text, path);
  return checkConfig(held, path);
}
