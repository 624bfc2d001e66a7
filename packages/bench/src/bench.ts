import { given, type NamesOf, requireNames } from "@gradpool/core";
import { lockFolder, refuseLocked } from "@gradpool/files";
import { absoluteData, describeData, noteOnValues } from "@gradpool/runs";
import { requireOwn, sweepFolder } from "./results/files.js";
import { checkPlan } from "./search/check-plan.js";
import { type PlanRequest, makePlan } from "./plan/plan.js";
import { localRunner } from "./trials/process.js";
import { runTrials, type TrialEvent } from "./trials/run-trials.js";
import type { TrialRunner } from "./trials/runner.js";
import { unequalChances } from "./search/chances.js";
import { chooseOnValidation } from "./search/choose.js";
import { summarizeSweep } from "./statistics/summarize.js";
import { finalTrials, tuningTrials } from "./search/trials.js";
import { halve } from "./search/halve.js";
import type { Plan, Summary, TrialRecord, TrialSpec } from "./results/types.js";

export interface BenchOptions extends PlanRequest {
  /** Folder of the sweep; made, or gone on with. */
  readonly out: string;
  /** Trials at a time, each a process. Default 1. Results do not depend on it. */
  readonly jobs?: number;
  /** Folder for event files that TensorBoard reads, a folder a trial. Default: none. */
  readonly tensorboard?: string;
  /** Where trials run, in place of processes of this machine: `jobs` is then its own. */
  readonly runner?: TrialRunner;
  readonly onEvent?: (event: BenchEvent) => void;
  /** A line about the plan that is worth knowing once. */
  readonly onNote?: (line: string) => void;
  readonly signal?: AbortSignal;
}

const names: NamesOf<BenchOptions> = {
  recipe: true,
  config: true,
  out: true,
  pools: true,
  seeds: true,
  tuningSeeds: true,
  grid: true,
  search: true,
  allow: true,
  jobs: true,
  tensorboard: true,
  runner: true,
  onEvent: true,
  onNote: true,
  signal: true,
};

export type BenchEvent =
  | TrialEvent
  /** A round begins: the search of the grids, or the comparison. */
  | {
      readonly type: "round";
      readonly round: "tuning" | "comparison";
      readonly trials: number;
      readonly plan: Plan;
      /** Of a search by halving. */
      readonly stage?: number;
      readonly stages?: number;
    };

/** What a comparison gave, as its folder holds it and as a report reads it. */
export interface BenchResult {
  readonly plan: Plan;
  readonly summary: Summary;
  readonly records: readonly TrialRecord[];
}

/**
 * Compares pools: every contender with every seed, each trial a process of its own; where something is swept, the point of
 * each contender is first chosen on validation, with the same budget for all. Writes plan.json, results.jsonl
 * and summary.json. Run again on the same folder, it goes on where it was stopped.
 */
export async function bench(options: BenchOptions): Promise<BenchResult> {
  requireNames(options, names, "bench");
  const { out, recipe, config, allow, onNote } = options;
  refuseLocked(out);
  requireOwn(out);
  const { facts, hash } = await describeData(absoluteData(config.data ?? recipe.base.data ?? "shop"));
  const plan = await makePlan(options, facts);
  const note = noteOnValues(config.tasks ?? recipe.base.tasks ?? [], facts);
  if (note !== undefined) onNote?.(note);
  const chances = unequalChances(plan);
  if (chances !== undefined) onNote?.(chances);
  const code = await checkPlan(plan, allow);
  const lock = await lockFolder(out);
  try {
    requireOwn(out);
    return await compare(plan, code === "" ? hash : `${hash} ${code}`, options);
  } finally {
    lock.release();
  }
}

/** Both rounds of a plan, in a folder that is this process' alone. `content` is what trials depend on beside it. */
async function compare(plan: Plan, content: string, options: BenchOptions): Promise<BenchResult> {
  const { out, jobs = 1, runner = localRunner(jobs), signal, allow, tensorboard, onEvent, onNote } = options;
  const folder = sweepFolder(out);
  folder.begin(plan);
  const run = async (
    round: "tuning" | "comparison",
    trials: readonly TrialSpec[],
    staged: { readonly stage?: number; readonly stages?: number } = {},
  ) => {
    onEvent?.({ type: "round", round, trials: new Set(trials.map((trial) => trial.id)).size, plan, ...staged });
    return runTrials(trials, { folder: out, runner, signal, allow, tensorboard, ...given({ onEvent, onNote }) });
  };
  const searches = tuningTrials(plan, content);
  const search = (): Promise<readonly TrialRecord[]> =>
    plan.search?.strategy === "halving"
      ? halve(plan, content, (trials, stage, stages) => run("tuning", trials, { stage, stages }))
      : run("tuning", searches);
  // Of a point that went on through stages, what it came to at the last.
  const tuned = searches.length === 0 ? [] : unite(await search(), []);
  const { chosen } = chooseOnValidation(plan, tuned);
  const compared = await run("comparison", finalTrials(plan, chosen, content));
  const records = unite(tuned, compared);
  const summary = summarizeSweep(plan, records);
  folder.end(records, summary);
  return { plan, summary, records };
}

/** Both rounds' records, a trial that stands in both once, in an order that does not depend on how they were run. */
function unite(tuned: readonly TrialRecord[], compared: readonly TrialRecord[]): readonly TrialRecord[] {
  const keyOf = ({ label, point, config }: TrialRecord): string => JSON.stringify([label, point, config.seed]);
  return [...new Map([...tuned, ...compared].map((record) => [keyOf(record), record])).values()];
}
