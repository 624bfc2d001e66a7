import { lockFolder, removeLeftovers } from "@gradpool/files";
import { hasTrained, holdsRun, ownNames, removeUntrained, requireFree } from "./folder.js";

interface Asked {
  readonly out: string;
  readonly resume?: boolean;
  readonly patience?: number;
  readonly onNote?: (line: string) => void;
}

/** Runs `work` with the folder locked, looks again whether it is what it was, and clears up after a run that never began. */
export async function inFolder<T>(
  { out, onNote, resume = false, patience = 0 }: Asked,
  held: boolean,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await lockFolder(out, { patience });
  try {
    // A process that had the folder meanwhile may have begun the run: its checkpoint says whether it is this one.
    const goesOn = held || (resume && patience > 0 && holdsRun(out));
    if (!goesOn) requireFree(out);
    removeLeftovers(out, Object.values(ownNames));
    if (resume && !hasTrained(out)) onNote?.("nothing to resume yet: the run starts from the beginning");
    try {
      return await work();
    } catch (error) {
      if (!goesOn) removeUntrained(out);
      throw error;
    }
  } finally {
    lock.release();
  }
}
