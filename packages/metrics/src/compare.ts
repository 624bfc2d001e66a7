import { fail } from "./errors.js";

/** AV: the plain mean of one metric over tasks (GradCraft: AV-A of AUC, AV-G of GAUC). */
export function averageOverTasks(values: ArrayLike<number>): number {
  checkTasks(values, "averageOverTasks");
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/**
 * RI: mean over tasks of value / baseline − 1 (GradCraft: RI-A of AUC, RI-G of GAUC, the baseline being Single). A
 * fraction: 0.01 is one per cent.
 */
export function relativeImprovement(values: ArrayLike<number>, baseline: ArrayLike<number>): number {
  if (values.length !== baseline.length) {
    fail(
      "relativeImprovement",
      `${values.length} tasks against ${baseline.length}`,
      "pass the same tasks in the same order",
    );
  }
  checkTasks(values, "relativeImprovement");
  checkTasks(baseline, "relativeImprovement");
  for (let i = 0; i < baseline.length; i++) {
    if (baseline[i] === 0) fail("relativeImprovement", `the baseline of task ${i} is 0`, "leave the task out");
  }
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! / baseline[i]! - 1;
  return sum / values.length;
}

/** A mean over an undefined value would be a mean of something else: who leaves the task out must say so. */
function checkTasks(values: ArrayLike<number>, where: string): void {
  if (values.length === 0) fail(where, "no tasks", "pass at least one");
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      fail(where, `the value of task ${i} is ${values[i]}`, "leave the task out and say so, as meanOverTasks does");
    }
  }
}

/** NE gain as MultiBalance defines it: NE(vanilla) − NE(method). Positive is better. */
export function neGain(ne: number, vanilla: number): number {
  return vanilla - ne;
}

/** The variant relative to vanilla: (NE(vanilla) − NE(method)) / NE(vanilla). A fraction. */
export function neGainRelative(ne: number, vanilla: number): number {
  return (vanilla - ne) / vanilla;
}

/** QPS drop: 1 − QPS(method) / QPS(vanilla), QPS being training samples per second. A fraction; below 0 is faster. */
export function qpsDrop(qps: number, vanilla: number): number {
  return 1 - qps / vanilla;
}
