import { absoluteData } from "../data/spec.js";
import type { DataFacts } from "../data/facts.js";
import { describeData } from "../data/load.js";
import { noteOnValues } from "../data/side-tasks.js";
import { checkConfig } from "../options/read.js";
import { defaultConfig, type TrainConfig } from "../options/training.js";
import type { Workload } from "../workloads/contract.js";
import { loadWorkload } from "../workloads/load.js";
import { expandTasks } from "../workloads/tasks.js";

/** A configuration with everything spelt out for one data set: its tasks by name, and the metrics that suit the model. */
export function spellOut(config: TrainConfig, facts: DataFacts, workload: Workload): TrainConfig {
  const metrics = config.metrics.length > 0 ? config.metrics : workload.metrics;
  return {
    ...config,
    data: absoluteData(config.data),
    tasks: expandTasks(config.tasks, facts, workload),
    metrics: metrics.map((metric) => metric.trim().toLowerCase()),
  };
}

/** Some options of training over the defaults, checked and spelt out. `onNote` hears what is worth knowing of the data. */
export async function completeConfig(
  given: Partial<TrainConfig>,
  onNote?: (line: string) => void,
): Promise<TrainConfig> {
  const config = { ...defaultConfig, ...checkConfig(given, "configuration") };
  const { workload } = await loadWorkload(config.model);
  const { facts } = await describeData(absoluteData(config.data));
  const note = noteOnValues(config.tasks, facts);
  if (note !== undefined) onNote?.(note);
  return spellOut(config, facts, workload);
}
