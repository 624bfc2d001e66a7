import { holm, pairedT } from "@gradpool/metrics";
import { cardWith, keepCard } from "./card.js";
import type { EvaluateOptions, Evaluation, TaskEvaluation, TrainedRun } from "./contract.js";
import { problem } from "./errors.js";
import { type IdColumns, pairsIn, rowsIn } from "./files.js";

export interface JudgedRun {
  /** As it was named. */
  readonly run: string;
  readonly evaluation: Evaluation;
}

/** A metric of one run against that of the first, over the users that both judged. */
export interface PairedComparison {
  readonly task: string;
  readonly metric: string;
  readonly run: string;
  readonly baseline: string;
  readonly users: number;
  readonly difference: number;
  /** 95 % interval of the difference. */
  readonly lower: number;
  readonly upper: number;
  readonly t: number;
  /** Two-sided, by Holm over all comparisons of the task and metric. */
  readonly p: number;
}

/** Evaluates a run; `file` holds pairs or rows, as its model reads them. What the test part says is kept on the run's card. */
export async function judgeRun(
  run: TrainedRun,
  name: string,
  { file, ...options }: Omit<EvaluateOptions, "pairs" | "rows"> & { readonly file?: string },
  columns: IdColumns,
): Promise<JudgedRun> {
  if (file === undefined) {
    const evaluation = await run.evaluate(options);
    if (options.part !== "valid") keepCard(run, cardWith(run, evaluation));
    return { run: name, evaluation };
  }
  if (run.ranks)
    return { run: name, evaluation: await run.evaluate({ ...options, pairs: await pairsIn(file, columns) }) };
  const rows = [];
  for await (const row of rowsIn(file, columns, run.data.set.impressions?.anonymous)) rows.push(row);
  return { run: name, evaluation: await run.evaluate({ ...options, rows }) };
}

/**
 * Every run against the first, metric by metric, by a paired t-test over users. Of labelled rows the values of users are those of
 * `valuesPerUser`: for AUC that is the test of Obuchowski (1997) for two models on the same rows, users being what was drawn.
 */
export function comparedRuns([first, ...others]: readonly JudgedRun[]): PairedComparison[] {
  if (first === undefined) return [];
  const found: PairedComparison[] = [];
  for (const [task, base] of Object.entries(first.evaluation.tasks)) {
    for (const metric of Object.keys(base.perUser ?? {})) {
      const compared = others.flatMap((other) => paired(first, other, task, metric));
      const adjusted = holm(compared.map(({ p }) => p));
      found.push(...compared.map((one, k) => ({ ...one, p: adjusted[k] as number })));
    }
  }
  return found;
}

function paired(first: JudgedRun, other: JudgedRun, task: string, metric: string): PairedComparison[] {
  const [a, b] = [first.evaluation.tasks[task], other.evaluation.tasks[task]];
  const [x, y] = [a?.perUser?.[metric], b?.perUser?.[metric]];
  if (x === undefined || y === undefined) return [];
  if (a?.rows !== undefined) requireSameRows(first.run, other.run, a, b);
  const places = new Map(b?.users?.map((user, k) => [user, k]));
  const pairs = (a?.users ?? []).flatMap((user, k) => {
    const place = places.get(user);
    return place === undefined ? [] : [[x[k] as number, y[place] as number] as const];
  });
  if (pairs.length === 0) {
    throw problem(
      "invalid-input",
      "the runs have no user in common",
      `${first.run}, ${other.run}`,
      "compare runs of one data set",
    );
  }
  const { difference, lower, upper, t, p } = pairedT(
    pairs.map(([, value]) => value),
    pairs.map(([value]) => value),
  );
  const users = pairs.length;
  return [{ task, metric, run: other.run, baseline: first.run, users, difference, lower, upper, t, p }];
}

/** Values of users stand for the whole only where all of it was judged. */
function requireSameRows(first: string, other: string, a: TaskEvaluation, b: TaskEvaluation | undefined): void {
  const users = new Set(a.users);
  if (a.rows === b?.rows && a.users?.length === b?.users?.length && b?.users?.every((user) => users.has(user))) return;
  const what = `the runs were judged on different rows (${a.rows} and ${b?.rows ?? 0})`;
  throw problem("invalid-input", what, `${first}, ${other}`, "compare runs of one data set, or give a file of rows");
}
