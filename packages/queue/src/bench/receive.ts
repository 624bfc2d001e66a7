import { rmSync } from "node:fs";
import { readFinished, type TrialEnd, type TrialSpec } from "@gradpool/bench";
import { given, GradpoolError } from "@gradpool/core";
import { pathsOf } from "@gradpool/runs";
import type { Job } from "bullmq";
import { machineOf, requireOurs, unpackFiles } from "../shared/files.js";
import { tries } from "../shared/job.js";
import { plain } from "../shared/plain.js";

interface Place {
  readonly out: string;
  readonly trial: TrialSpec;
  readonly dataHash: string;
}

/** How BullMQ says that a job's workers vanished too often. */
const vanished = /stalled more than allowable limit/;

/** Brings home what came of a trial that ended: its error, as its process said it. `last`: the machine that told of it last. */
export function receiveFailure({ failedReason = "" }: Job, last: string | undefined): TrialEnd {
  const where = last === undefined ? "" : `, the last time on ${last}`;
  const lost = `its worker vanished ${tries} times while it ran${where}`;
  return { code: 1, lastLine: vanished.test(failedReason) ? lost : plain(failedReason), ...given({ machine: last }) };
}

/** The same of one that ended well: its files, in its folder. Error `damaged` for what is not this trial's, of which nothing stays. */
export function receiveResult(
  { returnvalue }: Job,
  { out, trial, dataHash }: Place,
  hear: (engine: string, machine: string) => void,
): TrialEnd {
  const answer: unknown = returnvalue;
  const machine = machineOf(answer);
  try {
    unpackFiles(answer, out);
    const record = readFinished(out, trial);
    if (record === null) throw notEnded(out);
    requireOurs(out, record, dataHash);
    hear(plain(record.environment["engine"] ?? "none"), machine);
    return { code: 0, lastLine: "", machine };
  } catch (error) {
    rmSync(pathsOf(out).result, { force: true });
    throw error;
  }
}

const notEnded = (where: string): GradpoolError =>
  new GradpoolError({ code: "damaged", what: "the trial has not ended", where, remedy: "run the bench again" });
