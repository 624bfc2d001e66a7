import { describeUndefined } from "@gradpool/metrics";
import type { FitEvent, RunFile, TrainConfig } from "@gradpool/runs";
import { amount } from "../terminal/amount.js";
import type { Terminal } from "../terminal/terminal.js";

/** The lines that following shows: a partition each, with what it was judged at before anything was learnt from it. */
export function followingProgress(terminal: Terminal) {
  const said = new Set<string>();
  return {
    stop: (): void => undefined,
    event(event: FitEvent, { metrics }: TrainConfig): void {
      if (event.type === "resume") {
        terminal.note(`resuming after step ${event.step}`);
        event.warnings.forEach((warning) => terminal.note(`gradpool: ${warning}`));
      }
      if (event.type !== "evaluation") return;
      for (const missing of event.undefined) {
        const line = describeUndefined(missing);
        if (!said.has(line)) terminal.note(line);
        said.add(line);
      }
      const values = metrics.map((metric) => `${metric} ${shown(event.metrics[metric])}`);
      terminal.note(`${event.arrival}: ${values.join(", ")} before training on it`);
    },
  };
}

const shown = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? "undefined" : value.toFixed(4);

/** How following ended. */
export function followed({ result, cost }: RunFile, out: string, folder: string): string {
  const speed = Number.isFinite(cost.samplesPerSecond)
    ? `, ${Math.round(cost.samplesPerSecond).toLocaleString("en-US")} samples/s`
    : "";
  const how = result.stopped === "interrupted" ? "interrupted" : "ended";
  return `${how} after ${amount(result.history.length, "partition")}, ${amount(result.steps, "step")}${speed}; go on with: gradpool train --follow ${folder} --resume ${out}`;
}
