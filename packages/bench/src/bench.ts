import { given, GradpoolError } from "@gradpool/core";
import { absoluteData, describeData, noteOnValues } from "@gradpool/runs";
import { sweepFolder } from "./results/files.js";
import { checkPlan } from "./search/check-plan.js";
import { type PlanRequest, makePlan } from "./plan/plan.js";
import { runTrials, type TrialEvent } from "./trials/run-trials.js";
import { unequalChances } from "./search/chances.js";
import { chooseOnValidation } from "./search/choose.js";
import { summarizeSweep } from "./statistics/summarize.js";
import { finalTrials, tuningTrials } from "./search/trials.js";
import type { Plan, Summary, TrialRecord } from "./results/types.js";

export interface BenchOptions extends PlanRequest {
  /** Folder of the sweep; made, or gone on with. */
  readonly out: string;
  /** Trials at a time, each a process. Default 1. Results do not depend on it. */
  readonly jobs?: number;
  readonly onEvent?: (event: BenchEvent) => void;
  /** A line about the plan that is worth knowing once. */
  readonly onNote?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export type BenchEvent =
  | TrialEvent
  /** A round begins: the search of the grids, or the comparison. */
  | { readonly type: "round"; readonly round: "tuning" | "comparison"; readonly trials: number; readonly plan: Plan };

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
  const { signal, onEvent } = options;
  const jobs = options.jobs ?? 1;
  const { facts, hash } = await describeData(absoluteData(options.config.data ?? options.recipe.base.data ?? "shop"));
  const plan = await makePlan(options, facts);
  const note = noteOnValues(options.config.tasks ?? options.recipe.base.tasks ?? [], facts);
  if (note !== undefined) options.onNote?.(note);
  const chances = unequalChances(plan);
  if (chances !== undefined) options.onNote?.(chances);
  const code = await checkPlan(plan);
  const content = code === "" ? hash : `${hash} ${code}`;
  const folder = sweepFolder(options.out);
  folder.writePlan(plan);

  const run = async (round: "tuning" | "comparison", trials: ReturnType<typeof tuningTrials>) => {
    onEvent?.({ type: "round", round, trials: new Set(trials.map((trial) => trial.id)).size, plan });
    const records = await runTrials(trials, {
      folder: options.out,
      jobs,
      signal,
      ...given({ onEvent }),
    });
    if (signal?.aborted === true) {
      throw new GradpoolError({
        code: "interrupted",
        what: "the bench was interrupted",
        where: options.out,
        remedy: "run the same command again: it goes on where it stopped",
      });
    }
    return records;
  };

  const searches = tuningTrials(plan, content);
  const tuned = searches.length === 0 ? [] : await run("tuning", searches);
  const { chosen } = chooseOnValidation(plan, tuned);
  const compared = await run("comparison", finalTrials(plan, chosen, content));
  const records = unite(tuned, compared);
  folder.writeRecords(records);
  const summary = summarizeSweep(plan, records);
  folder.writeSummary(summary);
  return { plan, summary, records };
}

/** Both rounds' records, a trial that stands in both once, in an order that does not depend on how they were run. */
function unite(tuned: readonly TrialRecord[], compared: readonly TrialRecord[]): readonly TrialRecord[] {
  const keyOf = ({ label, point, config }: TrialRecord): string => JSON.stringify([label, point, config.seed]);
  return [...new Map([...tuned, ...compared].map((record) => [keyOf(record), record])).values()];
}
