import { fail } from "../errors.js";

/** Checks that scores and 0/1 labels match, one by one. Infinite scores are scores: they have a place in the order. */
export function checkLabels(scores: ArrayLike<number>, labels: ArrayLike<number>, where: string): number {
  if (scores.length !== labels.length) {
    fail(where, `${scores.length} scores for ${labels.length} labels`, "pass one label per score");
  }
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i]!))
      fail(where, `score ${i} is NaN`, "look for NaN in the model; training has probably diverged");
  }
  return countPositives(labels, where);
}

/** Checks that labels are 0 or 1 and counts the ones. */
export function countPositives(labels: ArrayLike<number>, where: string): number {
  let positives = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label !== 0 && label !== 1)
      fail(where, `label ${i} is ${label}`, "pass labels of 0 or 1; leave missing ones out");
    positives += label;
  }
  return positives;
}
