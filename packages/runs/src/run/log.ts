import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { given } from "@gradpool/core";
import type { FitEvent, GateUse, StepDiagnostics } from "@gradpool/trainer";
import { writeWhole } from "./write-whole.js";
import type { DiagnosticPoint, GatePoint } from "./messages.js";
import { recorded } from "./recorded.js";

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** A step's diagnostics as a line of JSON: NaN (an absent task) becomes null. */
export function diagnosticPoint(step: number, epoch: number, diagnostics: StepDiagnostics): DiagnosticPoint {
  return {
    step,
    epoch,
    norms: Array.from(diagnostics.norms, orNull),
    weights: Array.from(diagnostics.weights, orNull),
    conflictRate: orNull(diagnostics.conflictRate),
    cosines: Array.from(diagnostics.cosines, orNull),
    ...given({ gates: diagnostics.gates?.map(gateOf) }),
  };
}

const gateOf = ({ reader, experts, weights }: GateUse): GatePoint => ({
  reader,
  weights: Object.fromEntries(experts.map((expert, k) => [expert, weights[k] as number] as const)),
});

/**
 * `metrics.jsonl` and `diagnostics.jsonl` of a run. A resumed run repeats the steps after its checkpoint, so their lines
 * are dropped first: the files end up as those of an unbroken run.
 */
export function runLog(out: string): { record(event: FitEvent, tasks: readonly string[]): void } {
  const metrics = join(out, "metrics.jsonl");
  const diagnostics = join(out, "diagnostics.jsonl");
  let fresh = true;
  const append = (path: string, line: object): void => appendFileSync(path, `${JSON.stringify(line)}\n`);
  return {
    record(event, tasks) {
      if (fresh) {
        const last = event.type === "resume" ? event.step : 0;
        for (const path of [metrics, diagnostics]) keepUpTo(path, last);
        fresh = false;
      }
      if (event.type === "step" && event.diagnostics !== undefined) {
        append(diagnostics, diagnosticPoint(event.step, event.epoch, event.diagnostics));
      } else if (event.type === "epoch") {
        const losses = Object.fromEntries(event.losses.map((loss, t) => [tasks[t], orNull(loss)]));
        append(metrics, { epoch: event.epoch, step: event.step, losses, skipped: event.skipped });
      } else if (event.type === "evaluation") {
        const { epoch, step, best } = event;
        const missing = event.undefined.length > 0 && { undefined: event.undefined };
        append(metrics, { epoch, step, valid: recorded(event.metrics), ...missing, best });
      }
    },
  };
}

function keepUpTo(path: string, step: number): void {
  if (!existsSync(path)) return;
  const kept = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => {
      try {
        return line !== "" && (JSON.parse(line) as { readonly step: number }).step <= step;
      } catch {
        // The half of a line that a killed run was writing.
        return false;
      }
    });
  writeWhole(path, kept.map((line) => `${line}\n`).join(""));
}
