import { GradpoolError } from "@gradpool/core";
import type { HistoryEntry } from "./events.js";

/** How the learning rate moves over a run. Lengths are in epochs; `min` and `by` are shares of the optimiser's own rate. */
export type Schedule =
  | { readonly kind: "constant" }
  /** Half a cosine, or a line, from 1 to `min` over `epochs` (default: the run's), from the end of the warm-up on. */
  | { readonly kind: "cosine" | "linear"; readonly min?: number; readonly epochs?: number }
  /** Times `by` after every `every` epochs. */
  | { readonly kind: "step"; readonly every: number; readonly by: number }
  /** Times `by` after `patience` evaluations without gain, not below `min`. */
  | { readonly kind: "plateau"; readonly patience: number; readonly by: number; readonly min?: number };

/** Where a run is, as a schedule sees it. */
export interface ScheduleAt {
  /** Counted from 1 over the whole run. */
  readonly step: number;
  /** Counted from 1. */
  readonly epoch: number;
  readonly stepsPerEpoch: number;
  /** The epochs that the run is to have. */
  readonly epochs: number;
  /** For each evaluation so far: was it a gain? */
  readonly gains: readonly boolean[];
}

/**
 * The share of the optimiser's learning rate for a step: warm-up(s) · schedule(s). The warm-up is a line, step / W for the first
 * W = `warmup` · stepsPerEpoch steps. A pure function of the place in the run, so that a resumed run has the same rates.
 */
export function rateAt(schedule: Schedule, warmup: number, at: ScheduleAt): number {
  const rising = warmup * at.stepsPerEpoch;
  const warm = rising > 0 ? Math.min(1, at.step / rising) : 1;
  switch (schedule.kind) {
    case "constant":
      return warm;
    case "cosine":
    case "linear": {
      const { min = 0, epochs = at.epochs } = schedule;
      const passed = (at.step - 1) / at.stepsPerEpoch - warmup;
      const part = Math.min(1, Math.max(0, passed / Math.max(Number.MIN_VALUE, epochs - warmup)));
      const left = schedule.kind === "linear" ? 1 - part : 0.5 * (1 + Math.cos(Math.PI * part));
      return warm * (min + (1 - min) * left);
    }
    case "step":
      return warm * schedule.by ** Math.floor((at.epoch - 1) / schedule.every);
    case "plateau":
      return warm * Math.max(schedule.min ?? 0, schedule.by ** reductions(schedule.patience, at.gains));
  }
}

/** How often the rate was reduced: after each `patience` evaluations in a row without gain. */
function reductions(patience: number, gains: readonly boolean[]): number {
  let waited = 0;
  let count = 0;
  for (const gain of gains) {
    waited = gain ? 0 : waited + 1;
    if (waited < patience) continue;
    count++;
    waited = 0;
  }
  return count;
}

/**
 * For each evaluated epoch, whether its value is a gain: better than that of the last gain by more than `minDelta`. The first
 * value is one; NaN never is.
 */
export function gainsOf(
  history: readonly HistoryEntry[],
  value: (entry: HistoryEntry) => number,
  direction: "max" | "min",
  minDelta: number,
): readonly boolean[] {
  let held = Number.NaN;
  return history.map((entry) => {
    const now = value(entry);
    const by = direction === "max" ? now - held : held - now;
    const gain = !Number.isNaN(now) && (Number.isNaN(held) || by > minDelta);
    if (gain) held = now;
    return gain;
  });
}

/** Error `invalid-option` for a schedule that cannot be, or that would not do anything. */
export function checkSchedule(schedule: Schedule, warmup: number, watched: boolean): void {
  const bad = (what: string, remedy: string): GradpoolError =>
    new GradpoolError({ code: "invalid-option", what, where: "fit, schedule", remedy });
  if (!(warmup >= 0 && warmup < Infinity)) throw bad(`warmup is ${warmup}`, "give epochs, 0 or more");
  const share = (name: string, value: number | undefined, open = false): void => {
    if (value === undefined || (value >= 0 && value <= 1 && !(open && (value === 0 || value === 1)))) return;
    throw bad(`${schedule.kind} has ${name} = ${value}`, open ? "give 0 < x < 1" : "give 0 ≤ x ≤ 1");
  };
  const count = (name: string, value: number | undefined): void => {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return;
    throw bad(`${schedule.kind} has ${name} = ${value}`, "give a whole number from 1 up");
  };
  switch (schedule.kind) {
    case "constant":
      return;
    case "cosine":
    case "linear":
      share("min", schedule.min);
      count("epochs", schedule.epochs);
      return;
    case "step":
      count("every", schedule.every);
      share("by", schedule.by, true);
      return;
    case "plateau":
      count("patience", schedule.patience);
      share("by", schedule.by, true);
      share("min", schedule.min);
      if (!watched) throw bad("plateau without evaluations", "give evaluate: the schedule watches its metric");
      return;
    default:
      throw bad(
        `kind is ${String((schedule as { kind: unknown }).kind)}`,
        "give constant, cosine, linear, step or plateau",
      );
  }
}
