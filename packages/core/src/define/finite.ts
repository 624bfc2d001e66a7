import type { PoolContext } from "../context.js";
import { GradpoolError } from "../errors.js";
import type { GramSet } from "../gradients.js";

/**
 * Throws unless the norms of every present task are finite, naming step, task and parameter. `locate` gives the norms
 * per parameter, to say where in the model the culprit is.
 */
export function requireFinite(pool: string, grams: GramSet, context: PoolContext, locate?: () => GramSet): void {
  const { norms, tasks, present } = grams;
  // Zeros add up to zero: one pass without a branch for the thousands of rows of a step in which all is well.
  let bad = 0;
  for (let k = 0; k < norms.length; k++) bad += (norms[k] as number) - (norms[k] as number);
  if (bad === 0) return;
  for (let k = 0; k < norms.length; k++) {
    if (Number.isFinite(norms[k] as number) || present[k % tasks] === false) continue;
    const place = placeOf(grams, Math.floor(k / tasks));
    if (place === null && locate !== undefined) requireFinite(pool, locate(), context);
    const task = k % tasks;
    throw new GradpoolError({
      code: "non-finite",
      what: `gradient norm is ${norms[k]}`,
      where: `${pool}, step ${context.step}, task ${context.tasks.names[task] ?? task}${place === null ? "" : `, parameter ${place}`}`,
      remedy: "look for an overflow or a division by zero in that task's loss, or lower the learning rate",
    });
  }
}

/** The parameter (and row) of a group; null for the whole model. */
function placeOf(grams: GramSet, group: number): string | null {
  let first = 0;
  for (const { parameter, count, ids } of grams.blocks) {
    if (group < first + count) return ids === undefined ? parameter : `${parameter}, row ${ids[group - first]}`;
    first += count;
  }
  return null;
}
