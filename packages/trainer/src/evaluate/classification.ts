import type { ImpressionsBatch, JointBatch } from "@gradpool/data";
import { GradpoolError } from "@gradpool/core";
import { evaluateClassification, meanOverTasks, parseMetric } from "@gradpool/metrics";
import type { Engine } from "../engine/contract.js";
import type { Evaluate, Metrics } from "./contract.js";

export interface ClassificationEvaluation {
  readonly engine: Engine;
  /** All rows of a part, batch by batch. A batch may be overwritten once the next one is asked for. */
  readonly rows: (part: "valid" | "test") => Iterable<JointBatch | ImpressionsBatch>;
  /** `auc`, `gauc`, `gauc:pos`, `gauc:mean`, `logloss`, `ne`. */
  readonly metrics: readonly string[];
}

/**
 * Labelled rows: every metric for every task, named `auc/like`, and its mean over the tasks, named `auc` (AV-A and AV-G of
 * GradCraft). Unlabelled (masked) rows of a task are left out, and so is, from a mean, a task whose value is undefined.
 */
export function classificationEvaluator(options: ClassificationEvaluation): Evaluate {
  const { engine } = options;
  const metrics = options.metrics.map((metric) => parseMetric(metric).name);
  const { predict } = engine;
  if (predict === undefined) {
    throw new GradpoolError({
      code: "unsupported",
      what: "the engine gives no predictions for labelled rows",
      where: "classificationEvaluator",
      remedy: "use a tensor model, or evaluate by ranking",
    });
  }
  const evaluate: Evaluate = (part, tell): Metrics => {
    const collected = engine.tasks.names.map(() => ({
      probabilities: [] as number[],
      labels: [] as number[],
      users: [] as number[],
    }));
    for (const batch of options.rows(part)) {
      const logits = predict.call(engine, batch);
      collected.forEach((rows, t) => {
        const name = engine.tasks.names[t] as string;
        const task = batch.tasks.indexOf(name);
        if (task < 0) throw noLabels(name, batch.tasks);
        const labels = batch.labels[task] as Float32Array;
        const mask = batch.masks[task] as Uint8Array;
        for (let r = 0; r < batch.size; r++) {
          if (mask[r] === 0) continue;
          rows.probabilities.push(1 / (1 + Math.exp(-((logits[t] as Float32Array)[r] as number))));
          rows.labels.push(labels[r] as number);
          rows.users.push(batch.users[r] as number);
        }
      });
    }
    const perTask = collected.map((rows) => evaluateClassification({ ...rows, metrics }));
    const report = meanOverTasks(engine.tasks.names, perTask);
    for (const missing of report.undefined) tell?.({ ...missing, part });
    return report.values;
  };
  const names = metrics.flatMap((metric) => [metric, ...engine.tasks.names.map((task) => `${metric}/${task}`)]);
  return Object.assign(evaluate, { metrics: names });
}

const noLabels = (task: string, known: readonly string[]): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what: `the rows have no labels of ${task}`,
    where: "classificationEvaluator",
    remedy: `they have ${known.join(", ")}: name the model's tasks as the data does`,
  });
