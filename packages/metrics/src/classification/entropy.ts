import { fail } from "../errors.js";
import { checkLabels, countPositives } from "./labels.js";

/** Probabilities are kept this far from 0 and 1: the float64 epsilon 2⁻⁵², whatever the type of the input. */
export const LOG_LOSS_CLIP: number = Number.EPSILON;

/**
 * Mean log loss −(y ln p + (1 − y) ln(1 − p)), in nats, with p clipped to [ε, 1 − ε], ε = 2⁻⁵² as in scikit-learn for
 * float64: one sure but wrong prediction costs 36.04. NaN for no rows.
 */
export function logLoss(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkLabels(probabilities, labels, "logLoss");
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const p = probabilities[i]!;
    if (p < 0 || p > 1) {
      fail("logLoss", `probability ${i} is ${p}`, "pass probabilities; for logits use logLossFromLogits");
    }
    const clipped = Math.min(Math.max(p, LOG_LOSS_CLIP), 1 - LOG_LOSS_CLIP);
    sum -= labels[i] === 1 ? Math.log(clipped) : Math.log1p(-clipped);
  }
  return sum / labels.length;
}

/** Mean log loss of sigmoid(logit), in nats: ln(1 + e^−|z|) + max(z, 0) − y·z. Needs no clipping. */
export function logLossFromLogits(logits: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkLabels(logits, labels, "logLossFromLogits");
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isFinite(logits[i])) {
      fail("logLossFromLogits", `logit ${i} is ${logits[i]}`, "pass finite logits; training has probably diverged");
    }
    // With the sign turned so that a large margin is a wrong one, both classes read alike.
    const margin = labels[i] === 1 ? -logits[i]! : logits[i]!;
    sum += Math.max(margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
  }
  return sum / labels.length;
}

/**
 * Normalized entropy (MultiBalance, evaluation metrics; He et al., 2014): mean log loss over the entropy of the average
 * rate p̄, −(p̄ ln p̄ + (1 − p̄) ln(1 − p̄)). Below 1 is better than always predicting p̄. NaN if there is only one class.
 */
export function normalizedEntropy(loss: number, labels: ArrayLike<number>): number {
  return normalizedEntropyAt(loss, countPositives(labels, "normalizedEntropy") / labels.length);
}

/** −(p ln p + (1 − p) ln(1 − p)), in nats. */
export const entropyAt = (rate: number): number => -(rate * Math.log(rate) + (1 - rate) * Math.log1p(-rate));

/** The same where the rate of positives is known. */
export function normalizedEntropyAt(loss: number, rate: number): number {
  if (!(rate > 0 && rate < 1)) return Number.NaN;
  if (!(loss >= 0 && loss < Infinity)) fail("normalizedEntropy", `loss is ${loss}`, "pass the mean log loss");
  return loss / entropyAt(rate);
}
