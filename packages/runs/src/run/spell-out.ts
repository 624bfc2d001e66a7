import type { DataFacts } from "../data/facts.js";
import { absoluteData } from "../data/spec.js";
import { optionError } from "../options/errors.js";
import type { TrainConfig } from "../options/training.js";
import type { Workload } from "../workloads/contract.js";
import { expandTasks } from "../workloads/tasks.js";

/** A configuration with everything spelt out for one data set: its tasks by name, and the metrics that suit the model. */
export function spellOut(config: TrainConfig, facts: DataFacts, workload: Workload): TrainConfig {
  const metrics = config.metrics.length > 0 ? config.metrics : workload.metrics;
  const tasks = expandTasks(config.tasks, facts, workload);
  for (const name of ["taskWeights", "classWeights"] as const) {
    const strange = Object.keys(config[name] ?? {}).find((task) => !tasks.includes(task));
    if (strange !== undefined) throw optionError(`no task ${strange}`, name, `the run's tasks are ${tasks.join(", ")}`);
  }
  return {
    ...config,
    data: absoluteData(config.data),
    tasks,
    metrics: metrics.map((metric) => metric.trim().toLowerCase().replace(/^hit@/, "hr@")),
  };
}
