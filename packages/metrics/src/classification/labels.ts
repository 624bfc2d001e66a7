import { fail } from "../errors.js";

/** Checks that scores and 0/1 labels match, one by one. Returns the number of positives. */
export function checkLabels(scores: ArrayLike<number>, labels: ArrayLike<number>, where: string): number {
  if (scores.length !== labels.length) {
    fail(where, `${scores.length} scores for ${labels.length} labels`, "pass one label per score");
  }
  let positives = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label !== 0 && label !== 1)
      fail(where, `label ${i} is ${label}`, "pass labels of 0 or 1; leave missing ones out");
    if (Number.isNaN(scores[i]!))
      fail(where, `score ${i} is NaN`, "look for NaN in the model; training has probably diverged");
    positives += label;
  }
  return positives;
}
