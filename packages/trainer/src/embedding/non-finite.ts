import type { SkippedStep } from "../engine/contract.js";
import type { Gathered } from "../tables/store.js";

/** The first entry of a block that is not finite, by table and row id. */
function firstBad(gathered: readonly Gathered[], pick: (one: Gathered) => Float32Array): string | null {
  for (const one of gathered) {
    const block = pick(one);
    const { lookup } = one;
    const dim = block.length / lookup.size;
    for (let k = 0; k < block.length; k++) {
      if (Number.isFinite(block[k])) continue;
      const row = Math.floor(k / dim);
      return lookup.offsets === undefined
        ? `row ${lookup.ids[row]} of ${lookup.table}`
        : `sample ${row}'s rows of ${lookup.table}`;
    }
  }
  return null;
}

export function badLoss(task: string, loss: number, gathered: readonly Gathered[]): SkippedStep {
  const weights = firstBad(gathered, (one) => one.rows);
  const reason = weights === null ? `the loss is ${loss}` : `the loss is ${loss}: ${weights} is not finite`;
  return { task, parameter: null, reason };
}

export function badGradient(task: string, parameter: string, gathered: readonly Gathered[]): SkippedStep {
  const rows = firstBad(gathered, (one) => one.gradient);
  const reason = rows === null ? "the sum of the gradients is not finite" : `the gradient of ${rows} is not finite`;
  return { task, parameter, reason };
}
