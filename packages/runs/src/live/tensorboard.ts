import { hostname } from "node:os";
import { join } from "node:path";
import type { GroupWeights } from "@gradpool/core";
import type { FitEvent } from "@gradpool/trainer";
import { histogram, restartEvent, scalar, summaryEvent, versionEvent } from "./events.js";
import { type RecordFile, recordFile } from "./records.js";

/** Writes a run's events for TensorBoard. */
export interface TensorBoard {
  record(event: FitEvent, tasks: readonly string[]): void;
  close(): void;
}

let files = 0;

/**
 * A file of events in `folder`, begun with the first of them: losses of the tasks, learning rate and norm; at steps with diagnostics
 * norms, cosines, weights, the share of conflicts, and histograms of what rows were weighed with; metrics of validation. A resumed run
 * begins another file, which tells TensorBoard to forget the steps that are repeated.
 */
export function tensorBoard(folder: string, now: () => number = Date.now): TensorBoard {
  let file: RecordFile | undefined;
  const begin = (event: FitEvent): RecordFile => {
    const time = now() / 1000;
    const name = `events.out.tfevents.${Math.floor(time)}.${hostname()}.${process.pid}.${files++}`;
    const made = recordFile(join(folder, name));
    made.append(versionEvent(time));
    if (event.type === "resume") made.append(restartEvent({ time, step: event.step + 1 }));
    return made;
  };
  return {
    record(event, tasks) {
      file ??= begin(event);
      const values = valuesOf(event, tasks);
      if (values.length > 0) file.append(summaryEvent({ time: now() / 1000, step: event.step }, values));
      if (event.type !== "step") file.flush();
    },
    close: () => file?.close(),
  };
}

/** Only numbers are drawn: an absent task has none. */
const shown = (tag: string, value: number): Buffer[] => (Number.isFinite(value) ? [scalar(tag, value)] : []);

function valuesOf(event: FitEvent, tasks: readonly string[]): readonly Buffer[] {
  if (event.type === "epoch") return tasks.flatMap((task, t) => shown(`epoch_loss/${task}`, event.losses[t] as number));
  if (event.type === "evaluation")
    return Object.entries(event.metrics).flatMap(([metric, value]) => shown(`valid/${metric}`, value));
  if (event.type !== "step" || event.diagnostics === undefined) return [];
  const { losses, learningRate, norm = Number.NaN, weights, diagnostics } = event;
  const { norms, cosines, conflictRate, weights: means } = diagnostics;
  return [
    ...shown("learning_rate", learningRate),
    ...shown("gradient_norm", norm),
    ...shown("conflict_rate", conflictRate),
    ...tasks.flatMap((task, t) => [
      ...shown(`loss/${task}`, losses[t] as number),
      ...shown(`norm/${task}`, norms[t] as number),
      ...shown(`weight/${task}`, means[t] as number),
      ...tasks
        .slice(0, t)
        .flatMap((other, s) => shown(`cosine/${other},${task}`, cosines[t * tasks.length + s] as number)),
    ]),
    ...rowWeights(weights, tasks),
  ];
}

/** What each task's gradient was weighed with, row by row. */
function rowWeights(weights: GroupWeights | undefined, tasks: readonly string[]): Buffer[] {
  if (weights?.granularity !== "row") return [];
  const all = weights.weights;
  return tasks.flatMap((task, t) => {
    const own = Float64Array.from(
      { length: all.length / tasks.length },
      (_, row) => all[row * tasks.length + t] as number,
    );
    return own.length === 0 ? [] : [histogram(`row_weights/${task}`, own)];
  });
}
