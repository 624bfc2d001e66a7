import type { ImpressionsBatch, JointBatch } from "@gradpool/data";
import { GradpoolError } from "@gradpool/core";
import { meanOverTasks, type MetricReport, parseMetric, type ValuesPerUser } from "@gradpool/metrics";
import type { Engine } from "../engine/contract.js";
import { stopper } from "../event-loop/breathe.js";
import type { Evaluate, Metrics } from "./contract.js";
import { type LabelledRows, labelledRows } from "./labelled-rows.js";

export interface ClassificationEvaluation {
  readonly engine: Engine;
  /** All rows of a part, batch by batch. A batch may be overwritten once the next one is asked for. */
  readonly rows: (
    part: "valid" | "test",
  ) => Iterable<JointBatch | ImpressionsBatch> | AsyncIterable<JointBatch | ImpressionsBatch>;
  /** `auc`, `gauc`, `gauc:pos`, `gauc:mean`, `logloss`, `ne`; `rmse` and `mae` of the probabilities against the labels. */
  readonly metrics: readonly string[];
  /**
   * The tasks are steps of a funnel, in order: measure, beside each of them on all rows, what takes a later step given the one
   * before (CVR): on the rows that took that, by the ratio of the two probabilities. Named `auc/buy|click`; no part of the means.
   */
  readonly funnel?: boolean;
  /** Labelled rows of a task that are kept in memory while they are collected, 2²² by default; more go to temporary files. No value depends on it. */
  readonly rowsInMemory?: number;
}

/** What is measured: a task, or a step of a funnel given the one before. */
interface Column {
  readonly name: string;
  readonly task: number;
  readonly given: number | null;
}

/** A task (or a step of a funnel, `buy|click`) by its labelled rows. */
export interface JudgedColumn {
  readonly name: string;
  /** Whose labels they are. */
  readonly task: string;
  /** How many had a label. */
  readonly rows: number;
  readonly report: MetricReport;
  /** See `valuesPerUser`. */
  readonly perUser: ValuesPerUser;
}

/**
 * Every metric for every task by the rows of a part, after the tasks the steps of a funnel. Unlabelled (masked) rows are left out.
 * `perUser`: also the values of users.
 */
export async function judgeLabelled(
  options: ClassificationEvaluation,
  part: "valid" | "test",
  { signal, perUser = true }: { readonly signal?: AbortSignal | undefined; readonly perUser?: boolean } = {},
): Promise<readonly JudgedColumn[]> {
  const { engine } = options;
  const { names: tasks } = engine.tasks;
  const metrics = options.metrics.map((metric) => parseMetric(metric).name);
  const predict = requirePredictions(engine);
  const columns = columnsOf(tasks, options.funnel === true);
  const collected = columns.map(() => labelledRows(options.rowsInMemory));
  const pause = stopper(signal);
  try {
    for await (const batch of options.rows(part)) {
      await pause();
      const logits = predict(batch);
      columns.forEach((column, k) => collect(collected[k] as LabelledRows, column, tasks, batch, logits));
    }
    return columns.map(({ name, task }, k) => {
      const rows = collected[k] as LabelledRows;
      const values = perUser ? rows.perUser(metrics) : { users: new Int32Array(0), values: {} };
      return { name, task: tasks[task] as string, rows: rows.size, report: rows.judge(metrics), perUser: values };
    });
  } finally {
    for (const rows of collected) rows.close();
  }
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
    const columns = await judgeLabelled(options, part, { signal, perUser: look !== undefined });
    const steps = columns.slice(tasks.length);
    const report = meanOverTasks(
      tasks,
      columns.slice(0, tasks.length).map((column) => column.report),
    );
    const values = { ...report.values };
    const missing = [...report.undefined];
    for (const { name, report: own } of steps) {
      for (const metric of metrics) values[`${metric}/${name}`] = own.values[metric] as number;
      missing.push(...own.undefined.map((one) => ({ ...one, task: name })));
    }
    for (const one of missing) tell?.({ ...one, part });
    if (look !== undefined) for (const { name, perUser } of columns) look({ task: name, ...perUser });
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

/** Adds a batch's labelled rows; given a step before, those that took it. */
function collect(
  rows: LabelledRows,
  { task, given: step }: Column,
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
  const before = step === null ? null : find(step);
  for (let r = 0; r < batch.size; r++) {
    if (own.mask[r] === 0 || (before !== null && (before.mask[r] === 0 || before.labels[r] !== 1))) continue;
    const p = 1 / (1 + Math.exp(-(own.z[r] as number)));
    const given = before === null ? p : Math.min(1, p * (1 + Math.exp(-(before.z[r] as number))));
    rows.add(given, own.labels[r] as number, batch.users[r] as number);
  }
}

const noLabels = (task: string, known: readonly string[]): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what: `the rows have no labels of ${task}`,
    where: "classificationEvaluator",
    remedy: `they have ${known.join(", ")}: name the model's tasks as the data does`,
  });
