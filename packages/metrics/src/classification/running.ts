import { fail } from "../errors.js";
import { LOG_LOSS_CLIP } from "./entropy.js";

/** Sums over labelled rows, in the order in which they came. */
export interface RunningSums {
  rows: number;
  positives: number;
  /** Of the log losses, as `logLoss` clips them. */
  loss: number;
  /** Of squared and of absolute errors of the probabilities. */
  squares: number;
  absolutes: number;
}

export const noRows = (): RunningSums => ({ rows: 0, positives: 0, loss: 0, squares: 0, absolutes: 0 });

/** −ln p of a positive, −ln(1 − p) of a negative, p kept 2⁻⁵² away from 0 and 1. */
export function lossOf(probability: number, label: number): number {
  const clipped = Math.min(Math.max(probability, LOG_LOSS_CLIP), 1 - LOG_LOSS_CLIP);
  return label === 1 ? -Math.log(clipped) : -Math.log1p(-clipped);
}

/** Adds a row. Errors: `invalid-input` for a label other than 0 and 1, and for what is no probability. */
export function addRow(sums: RunningSums, probability: number, label: number): void {
  if (label !== 0 && label !== 1)
    fail("rows", `label ${sums.rows} is ${label}`, "pass labels of 0 or 1; leave missing ones out");
  if (!(probability >= 0 && probability <= 1))
    fail(
      "rows",
      `probability ${sums.rows} is ${probability}`,
      "look for NaN in the model; training has probably diverged",
    );
  sums.rows++;
  sums.positives += label;
  sums.loss += lossOf(probability, label);
  sums.squares += (probability - label) ** 2;
  sums.absolutes += Math.abs(probability - label);
}
