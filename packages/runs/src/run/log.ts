import { createHash } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { basename } from "node:path";
import { given, GradpoolError, type JsonObject } from "@gradpool/core";
import type { FitEvent, GateUse, StepDiagnostics } from "@gradpool/trainer";
import { pathsOf } from "./folder.js";
import type { DiagnosticPoint, GatePoint, LogLength, LogLengths } from "./messages.js";
import { recorded } from "./recorded.js";

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** A step's diagnostics as a line of JSON: NaN (an absent task) becomes null. */
function diagnosticPoint(step: number, epoch: number, diagnostics: StepDiagnostics): DiagnosticPoint {
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

const nothing: LogLength = { bytes: 0, sha256: createHash("sha256").digest("hex") };

/** One file of lines, which grows at its end only. */
function openLog(path: string, onNote: (line: string) => void) {
  let hash = createHash("sha256");
  let bytes = 0;
  let dirty = false;
  return {
    /** Refuses a file that does not begin with these lines, or, with `whole`, is gone; changes nothing. Code `damaged`. */
    check(kept: LogLength, whole: boolean): void {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found === undefined && (kept.bytes === 0 || !whole)) return;
      if (found?.isFile() === true) {
        const held = readFileSync(path).subarray(0, kept.bytes);
        if (createHash("sha256").update(held).digest("hex") === kept.sha256) return;
      }
      throw new GradpoolError({
        code: "damaged",
        what: "the lines that the run had written are not there any more",
        where: path,
        remedy: "put the file back, or delete it and resume: its lines then begin where the run goes on",
      });
    },
    /** Drops the lines after these: the run writes them again. */
    cut(kept: LogLength, step: number): void {
      if (!existsSync(path)) {
        if (kept.bytes > 0) onNote(`${basename(path)} is gone: its lines begin after step ${step}`);
        return;
      }
      if (kept.bytes === 0) return rmSync(path);
      truncateSync(path, kept.bytes);
      hash = createHash("sha256").update(readFileSync(path));
      bytes = kept.bytes;
    },
    append(line: object): void {
      const text = Buffer.from(`${JSON.stringify(line)}\n`);
      appendFileSync(path, text);
      hash.update(text);
      bytes += text.length;
      dirty = true;
    },
    /** Its lines, which are on the disk when this answers. */
    length(): LogLength {
      if (dirty) {
        const file = openSync(path, "r+");
        fsyncSync(file);
        closeSync(file);
        dirty = false;
      }
      return { bytes, sha256: hash.copy().digest("hex") };
    },
  };
}

/** The one thing in a log that is not the same in every run of a configuration. */
const now = (): string => new Date().toISOString();

/** `metrics.jsonl`, with the time of each line, and `diagnostics.jsonl` of a run. A resumed run repeats the steps after its checkpoint, and their lines; `whole` if those of before must be there. */
export function runLog(out: string, onNote: (line: string) => void = () => undefined, whole = false) {
  const paths = pathsOf(out);
  const metrics = openLog(paths.metrics, onNote);
  const diagnostics = openLog(paths.diagnostics, onNote);
  let fresh = true;
  const begin = (event: FitEvent): void => {
    fresh = false;
    const { kept, step } = event.type === "resume" ? event : { kept: null, step: 0 };
    const lengths = (kept ?? {}) as Partial<LogLengths>;
    const logs = [
      [metrics, lengths.metrics ?? nothing],
      [diagnostics, lengths.diagnostics ?? nothing],
    ] as const;
    for (const [log, length] of logs) log.check(length, whole);
    for (const [log, length] of logs) log.cut(length, step);
  };
  return {
    record(event: FitEvent, tasks: readonly string[]): void {
      if (fresh) begin(event);
      const { epoch, step } = event;
      if (event.type === "step" && event.diagnostics !== undefined) {
        diagnostics.append(diagnosticPoint(step, epoch, event.diagnostics));
      } else if (event.type === "epoch") {
        const losses = Object.fromEntries(event.losses.map((loss, t) => [tasks[t], orNull(loss)]));
        const { learningRate, skipped, arrival } = event;
        metrics.append({ epoch, step, ...given({ arrival }), losses, learningRate, skipped, time: now() });
      } else if (event.type === "evaluation") {
        const missing = event.undefined.length > 0 && { undefined: event.undefined };
        const { arrival, best } = event;
        const valid = recorded(event.metrics);
        metrics.append({ epoch, step, ...given({ arrival }), valid, ...missing, best, time: now() });
      }
    },
    lengths: (): LogLengths & JsonObject => ({
      metrics: { ...metrics.length() },
      diagnostics: { ...diagnostics.length() },
    }),
  };
}
