import { existsSync } from "node:fs";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import { parseMetric, readMonitor } from "@gradpool/metrics";
import { optionError } from "../options/errors.js";
import { checkConfig } from "../options/read.js";
import { readSchedule } from "../options/schedule.js";
import { defaultConfig, type TrainConfig } from "../options/training.js";
import { holdsRun, pathsOf, requireFree } from "./folder.js";
import { readConfig } from "./read-config.js";

export interface Asked {
  /** Everything that was asked for; tasks and metrics are not spelt out yet. */
  readonly config: TrainConfig;
  /** The folder holds a run, which goes on. */
  readonly goesOn: boolean;
  /** Its configuration; null for a new run, and where the file is gone: then its checkpoint says whether this is the same. */
  readonly held: Partial<TrainConfig> | null;
}

/**
 * What a call of `train` asks for: options over the defaults, or over those of the run that it goes on with. Refuses what is
 * no configuration, a new run where something would be overwritten, and `resume` without anything that could be run.
 */
export function readAsked(given: Partial<TrainConfig>, out: string, resume: boolean): Asked {
  const checked = checkConfig(given, "configuration");
  const goesOn = resume && holdsRun(out);
  if (!goesOn) requireFree(out);
  if (resume && !goesOn && Object.keys(checked).length === 0) {
    throw new GradpoolError({
      code: "not-found",
      what: "there is no run to resume",
      where: out,
      remedy: "give the folder of a run, or the options of a new one",
    });
  }
  const held = goesOn ? readHeld(pathsOf(out).config) : null;
  const config = { ...defaultConfig, ...held, ...checked };
  config.metrics.forEach((metric) => parseMetric(metric.trim().toLowerCase()));
  if (config.monitor !== null && readMonitor(config.monitor).ranked && config.minDelta > 0)
    throw optionError(
      `\`minDelta\` is ${config.minDelta}, and ranks have no distance`,
      "minDelta",
      "leave it out, or watch a metric",
    );
  readSchedule(config.schedule);
  return { config, goesOn, held };
}

function readHeld(path: string): Partial<TrainConfig> | null {
  if (!existsSync(path)) return null;
  try {
    return readConfig(path);
  } catch (cause) {
    if (!isGradpoolError(cause)) throw cause;
    const remedy = "put it back, or delete it and give the run's options again";
    throw new GradpoolError({ code: "damaged", what: cause.what, where: path, remedy, cause });
  }
}
