import type { ImpressionsBatch, JointBatch } from "@gradpool/data";
import { GradpoolError } from "@gradpool/core";
import {
  evaluateClassification,
  evaluateRatings,
  meanOverTasks,
  type MetricReport,
  parseMetric,
  type ValuesPerUser,
  valuesPerUser,
} from "@gradpool/metrics";
import type { Engine } from "../engine/contract.js";
import { stopper } from "../event-loop/breathe.js";
import type { Evaluate, Metrics } from "./contract.js";

export interface ClassificationEvaluation {
  readonly engine: Engine;
  /** All rows of a part, batch by batch. A batch may be overwritten once the next one is asked for. */
  readonly rows: (part: "valid" | "test") => Iterable<JointBatch | ImpressionsBatch>;
  /** `auc`, `gauc`, `gauc:pos`, `gauc:mean`, `logloss`, `ne`; `rmse` and `mae` of the probabilities against the labels. */
  readonly metrics: readonly string[];
  /**
   * The tasks are steps of a funnel, in order: measure, beside each of them on all rows, what takes a later step given the one
   * before (CVR): on the rows that took that, by the ratio of the two probabilities. Named `auc/buy|click`; no part of the means.
   */
  readonly funnel?: boolean;
}

/** What is measured: a task, or a step of a funnel given the one before. */
interface Column {
  readonly name: string;
  readonly task: number;
  readonly given: number | null;
}

interface Rows {
  readonly probabilities: number[];
  readonly labels: number[];
  readonly users: number[];
}

/** A task (or a step of a funnel, `buy|click`) by its labelled rows. */
export interface JudgedColumn {
  readonly name: string;
  /** Whose labels they are. */
  readonly task: string;
  /** How many had a label. */
  readonly rows: number;
  readonly report: MetricReport;
  /** See `valuesPerUser`; computed when asked for. */
  perUser(): ValuesPerUser;
}

/** Every metric for every task by the rows of a part, after the tasks the steps of a funnel. Unlabelled (masked) rows are left out. */
export async function judgeLabelled(
  options: ClassificationEvaluation,
  part: "valid" | "test",
  signal?: AbortSignal,
): Promise<readonly JudgedColumn[]> {
  const { engine } = options;
  const { names: tasks } = engine.tasks;
  const metrics = options.metrics.map((metric) => parseMetric(metric).name);
  const predict = requirePredictions(engine);
  const columns = columnsOf(tasks, options.funnel === true);
  const collected = columns.map((): Rows => ({ probabilities: [], labels: [], users: [] }));
  const pause = stopper(signal);
  for (const batch of options.rows(part)) {
    await pause();
    const logits = predict(batch);
    columns.forEach((column, k) => collect(collected[k] as Rows, column, tasks, batch, logits));
  }
  return columns.map(({ name, task }, k) => {
    const rows = collected[k] as Rows;
    return {
      name,
      task: tasks[task] as string,
      rows: rows.labels.length,
      report: judgeRows(rows, metrics),
      perUser: () => valuesPerUser(rows, metrics),
    };
  });
}

/**
 * Labelled rows: every metric for every task, named `auc/like`, and its mean over the tasks, named `auc` (AV-A and AV-G of
 * GradCraft). Unlabelled (masked) rows of a task are left out, and so is, from a mean, a task whose value is undefined.
 */
export function classificationEvaluator(options: ClassificationEvaluation): Evaluate {
  const { engine } = options;
  const metrics = options.metrics.map((metric) => parseMetric(metric).name);
  const { names: tasks } = engine.tasks;
  requirePredictions(engine);
  const evaluate = async (...[part, tell, look, signal]: Parameters<Evaluate>): Promise<Metrics> => {
    const columns = await judgeLabelled(options, part, signal);
    const steps = columns.slice(tasks.length);
    const report = meanOverTasks(tasks, columns.slice(0, tasks.length).map((column) => column.report)); // prettier-ignore
    const values = { ...report.values };
    const missing = [...report.undefined];
    for (const { name, report: own } of steps) {
      for (const metric of metrics) values[`${metric}/${name}`] = own.values[metric] as number;
      missing.push(...own.undefined.map((one) => ({ ...one, task: name })));
    }
    for (const one of missing) tell?.({ ...one, part });
    if (look !== undefined) for (const { name, perUser } of columns) look({ task: name, ...perUser() });
    return values;
  };
  const columns = columnsOf(tasks, options.funnel === true);
  const names = metrics.flatMap((metric) => [metric, ...columns.map(({ name }) => `${metric}/${name}`)]);
  return Object.assign(evaluate, { metrics: names });
}

function columnsOf(tasks: readonly string[], funnel: boolean): readonly Column[] {
  const whole = tasks.map((name, task): Column => ({ name, task, given: null }));
  if (!funnel) return whole;
  const steps = whole.slice(1).map(({ name, task }): Column => ({
    name: `${name}|${tasks[task - 1]}`,
    task,
    given: task - 1,
  }));
  return [...whole, ...steps];
}

function requirePredictions(engine: Engine): NonNullable<Engine["predict"]> {
  const { predict } = engine;
  if (predict !== undefined) return (batch) => predict.call(engine, batch);
  throw new GradpoolError({
    code: "unsupported",
    what: "the engine gives no predictions for labelled rows",
    where: "classificationEvaluator",
    remedy: "use a tensor model, or evaluate by ranking",
  });
}

function judgeRows(rows: Rows, metrics: readonly string[]): MetricReport {
  const isError = (name: string): boolean => parseMetric(name).family === "rating";
  const classes = evaluateClassification({ ...rows, metrics: metrics.filter((name) => !isError(name)) });
  const { probabilities: predictions, labels: ratings } = rows;
  const errors = evaluateRatings({ predictions, ratings, metrics: metrics.filter(isError) });
  const values = { ...classes.values, ...errors.values };
  return {
    values: Object.fromEntries(metrics.map((name) => [name, values[name] as number])),
    undefined: [...classes.undefined, ...errors.undefined],
  };
}

/** Adds a batch's labelled rows; given a step before, those that took it. */
function collect(
  rows: Rows,
  { task, given }: Column,
  tasks: readonly string[],
  batch: JointBatch | ImpressionsBatch,
  logits: readonly Float32Array[],
): void {
  const find = (t: number): { readonly labels: Float32Array; readonly mask: Uint8Array; readonly z: Float32Array } => {
    const at = batch.tasks.indexOf(tasks[t] as string);
    if (at < 0) throw noLabels(tasks[t] as string, batch.tasks);
    const [labels, mask] = [batch.labels[at] as Float32Array, batch.masks[at] as Uint8Array];
    return { labels, mask, z: logits[t] as Float32Array };
  };
  const own = find(task);
  const before = given === null ? null : find(given);
  for (let r = 0; r < batch.size; r++) {
    if (own.mask[r] === 0 || (before !== null && (before.mask[r] === 0 || before.labels[r] !== 1))) continue;
    const p = 1 / (1 + Math.exp(-(own.z[r] as number)));
    rows.probabilities.push(before === null ? p : Math.min(1, p * (1 + Math.exp(-(before.z[r] as number)))));
    rows.labels.push(own.labels[r] as number);
    rows.users.push(batch.users[r] as number);
  }
}

const noLabels = (task: string, known: readonly string[]): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what: `the rows have no labels of ${task}`,
    where: "classificationEvaluator",
    remedy: `they have ${known.join(", ")}: name the model's tasks as the data does`,
  });
