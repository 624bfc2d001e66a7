import { existsSync } from "node:fs";
import { isRun, readRuns, readSweepSoFar, type SweepFiles } from "@gradpool/bench";
import { GradpoolError } from "@gradpool/core";

/**
 * Reads what a report is made of, as far as it has come: one folder of a bench or of a run, or several of runs. `awaited`: a folder that is not
 * there may still come. Error `not-found`.
 */
export function resultsOf(folders: readonly string[], awaited: boolean): () => SweepFiles {
  const [first = "."] = folders;
  return () => {
    if (folders.length > 1) return readRuns(folders);
    if (!existsSync(first)) throw awaited ? notYet(first) : nowhere(first);
    return isRun(first) ? readRuns(folders) : readSweepSoFar(first);
  };
}

const nowhere = (where: string): GradpoolError => {
  const remedy = "give the --out folder of gradpool bench or of gradpool train";
  return new GradpoolError({ code: "not-found", what: "there is no such folder", where, remedy });
};

const notYet = (where: string): GradpoolError => {
  const remedy = "begin the run or the bench: its report is shown then";
  return new GradpoolError({ code: "not-found", what: "it is not there yet", where, remedy });
};
