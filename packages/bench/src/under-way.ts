import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import { readResult, type TrainConfig } from "@gradpool/runs";
import { readSweep } from "./results/files.js";
import type { SweepFiles } from "./results/read.js";
import { checkPlan } from "./results/schema.js";
import type { Contender, Plan, TrialRecord, TrialSpec } from "./results/types.js";
import { chooseOnValidation } from "./search/choose.js";
import { configure, gridOf, type Point } from "./search/trials.js";
import { summarizeSweep } from "./statistics/summarize.js";
import { readFinished } from "./trials/finished.js";

/**
 * The results of a comparison, or, where it has not ended, what its finished trials say: a note tells how many they are. Errors as
 * of {@link readSweep}; `not-found` too where no trial has ended yet.
 */
export function readSweepSoFar(folder: string): SweepFiles {
  const path = join(folder, "plan.json");
  if (existsSync(join(folder, "summary.json")) || !existsSync(path)) return readSweep(folder);
  const plan = checkPlan(parse(path), path);
  const records = finishedTrials(folder, plan);
  if (records.length === 0) {
    const remedy = "wait for its first trial, or run the bench again: it goes on where it stopped";
    throw new GradpoolError({ code: "not-found", what: "no trial has ended yet", where: folder, remedy });
  }
  const summary = summarizeSweep(plan, records);
  const { chosen } = chooseOnValidation(plan, records);
  const planned = plan.contenders.length * plan.seeds.length;
  const compared = plan.contenders.reduce((sum, { label }) => {
    const point = chosen.get(label);
    const own = records.filter((record) => record.label === label && isDeepStrictEqual(record.point, point));
    return sum + own.filter(({ config }) => plan.seeds.includes(config.seed)).length;
  }, 0);
  const note = `The comparison has not ended: ${records.length} trials have, ${compared} of the ${planned} that are compared; all of this may change`;
  const contenders = summary.contenders.map((row) => ({
    ...row,
    // What has not been run has not failed.
    failed: records.filter(({ label, status }) => label === row.label && status === "failed").length,
  }));
  return { plan, summary: { ...summary, contenders, notes: [note, ...summary.notes] }, records };
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const remedy = "run the bench again: finished trials are not repeated";
    throw new GradpoolError({ code: "damaged", what: "not JSON", where: path, remedy, cause });
  }
}

/** The records of all trials in the folder that have ended and are the plan's, in the plan's order. */
function finishedTrials(folder: string, plan: Plan): readonly TrialRecord[] {
  const trials = join(folder, "trials");
  const held = existsSync(trials)
    ? readdirSync(trials).map((id) => ({ id, out: join(trials, id), config: configOf(join(trials, id)) }))
    : [];
  const find = (contender: Contender, point: Point, seed: number): TrialRecord[] => {
    const config = configure(plan, contender, point, seed);
    const own = held.find(
      (one) => one.config !== null && isDeepStrictEqual({ ...one.config, data: "" }, { ...config, data: "" }),
    );
    if (own === undefined) return [];
    const trial: TrialSpec = { id: own.id, label: contender.label, point, config };
    const record = orNull(() => readFinished(own.out, trial));
    return record === null ? [] : [record];
  };
  const seeds = [...new Set([...plan.tuningSeeds, ...plan.seeds])];
  return plan.contenders.flatMap((contender) =>
    gridOf(plan, contender).flatMap((point) => seeds.flatMap((seed) => find(contender, point, seed))),
  );
}

const configOf = (out: string): TrainConfig | null => orNull(() => readResult(out))?.config ?? null;

/** A file that is damaged, or being written, is that of a trial which has not ended. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (isGradpoolError(error) && error.code === "damaged") return null;
    throw error;
  }
}
