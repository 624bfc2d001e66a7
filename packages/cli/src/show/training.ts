import { describeUndefined } from "@gradpool/metrics";
import { type FitEvent, monitorOf, type TrainConfig } from "@gradpool/runs";
import type { Terminal } from "../terminal/terminal.js";

/** Between two updates, in milliseconds. */
const pause = 250;

/** The line that training shows: epoch, step, samples per second, time left, losses, the watched metric. */
export function trainingProgress(terminal: Terminal) {
  let bar: ReturnType<Terminal["progress"]> | undefined;
  let samples = 0;
  let began = performance.now();
  let spoke = 0;
  let valid = "";
  const said = new Set<string>();
  const once = (line: string): void => {
    if (!said.has(line)) terminal.note(line);
    said.add(line);
  };
  return {
    stop: (): void => bar?.stop(),
    event(event: FitEvent, config: TrainConfig): void {
      const { epochs } = config;
      if (event.type === "resume") {
        terminal.note(`resuming after step ${event.step}`);
        event.warnings.forEach((warning) => terminal.note(`gradpool: ${warning}`));
      }
      if (event.type === "evaluation") {
        const { alone } = monitorOf(config);
        const value = alone.value(event.metrics);
        valid = `${alone.text} ${Number.isNaN(value) ? "undefined" : value.toFixed(4)}${event.best ? " (best)" : ""}`;
        for (const missing of event.undefined) once(describeUndefined(missing));
        if (!terminal.json) terminal.note(`epoch ${event.epoch}/${epochs}: ${valid}`);
      }
      if (event.type !== "step") return;
      if (bar === undefined) {
        bar = terminal.progress({ label: "training", total: epochs * event.stepsPerEpoch, unit: "steps" });
        bar.found(event.step - 1);
        began = performance.now();
      }
      samples += event.samples;
      const now = performance.now();
      if (now - spoke < pause) return;
      spoke = now;
      const samplesPerSecond = (1000 * samples) / Math.max(1, now - began);
      const losses = Array.from(event.losses, (loss) => (Number.isNaN(loss) ? "-" : loss.toFixed(4))).join(" ");
      const rate = `${Math.round(samplesPerSecond).toLocaleString("en-US")} samples/s`;
      bar.update(
        event.step,
        [`epoch ${event.epoch}/${epochs}`, rate, `loss ${losses}`, valid].filter((part) => part !== "").join(", "),
      );
    },
  };
}
