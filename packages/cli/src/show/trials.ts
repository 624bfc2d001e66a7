import { type BenchEvent, trialName } from "@gradpool/bench";
import { monitorOf } from "@gradpool/runs";
import pc from "picocolors";
import { amount } from "../terminal/amount.js";
import type { Terminal } from "../terminal/terminal.js";

/** What the terminal shows while trials run: a bar over all of them, and a line for each that ends. */
export function trialsProgress(terminal: Terminal): {
  readonly event: (event: BenchEvent) => void;
  readonly stop: () => void;
} {
  let progress: ReturnType<Terminal["progress"]> | undefined;
  let total = 0;
  let done = 0;
  /** Trials that ran here and now. */
  let ended = 0;
  let part: "valid" | "test" = "test";
  const skipped = new Set<string>();
  const parts = new Map<string, number>();
  const states = new Map<string, string>();
  const update = (): void => {
    const underWay = [...parts.values()].reduce((sum, part) => sum + part, 0);
    // Before a trial has ended, most of the time went into starting: a rate would promise hours.
    progress?.update(done + underWay, [...states.values()].join(" · "), ended > 0);
  };
  return {
    event(event) {
      if (event.type === "round") {
        progress?.stop();
        total = event.trials;
        done = 0;
        ended = 0;
        // Whoever watches a search sees what it chooses by: nobody should meet a test value before the choice is made.
        part = event.round === "tuning" ? "valid" : "test";
        const stage = event.stage === undefined ? "" : `, stage ${event.stage} of ${event.stages}`;
        const what = part === "valid" ? `choosing on validation${stage}` : "comparing";
        terminal.note(`${what}: ${amount(total, "trial")}, ${amount(event.plan.contenders.length, "pool")}`);
        progress = terminal.progress({ label: what, total, unit: "trials" });
        return;
      }
      const { id, config } = event.trial;
      if (event.type === "skip") {
        progress?.found(1);
        skipped.add(id);
      }
      const name = trialName(event.trial);
      if (event.type === "message" && event.message.type === "progress") {
        const { epoch, epochs, step, steps } = event.message;
        parts.set(id, Math.min(1, step / steps));
        const on = event.machine === undefined ? "" : ` on ${event.machine}`;
        states.set(id, `${name} epoch ${epoch}/${epochs}${on}`);
      } else if (event.type === "end") {
        parts.delete(id);
        states.delete(id);
        done++;
        if (event.record.status === "ok" && !skipped.has(id)) ended++;
        const { alone } = monitorOf(config);
        const { record, machine } = event;
        const on = machine === undefined ? "" : ` on ${machine}`;
        const values = part === "valid" ? record.result?.best : record.result?.test;
        if (record.status === "failed") terminal.note(pc.red(`${done}/${total} ${name} failed${on}: ${record.error}`));
        else
          terminal.note(
            `${done}/${total} ${name}: ${part} ${alone.text} ${format(values && alone.value(values))}${atEpoch(record.result?.bestEpoch)}${on}`,
          );
      }
      update();
    },
    stop: () => progress?.stop(),
  };
}

const format = (value: number | null | undefined): string =>
  value === undefined || value === null ? "-" : Number.isNaN(value) ? "undefined" : value.toFixed(4);

/** A trial whose watched metric never had a value has no best epoch: its last weights are tested. */
const atEpoch = (epoch: number | null | undefined): string =>
  epoch === null ? " with the last weights: no epoch is best" : ` at epoch ${epoch}`;
