import { GradpoolError, type JsonValue } from "@gradpool/core";
import { readInput, readRequest, type Request } from "@gradpool/registry";
import { vectorsFrom } from "./analysis.js";

/** Gradients that somebody pasted: one request or more, to choose from. */
export interface Pasted {
  readonly kind: "JSON" | "CSV" | "diagnostics";
  readonly labels: readonly string[];
  request(k: number): Request;
}

/** Larger texts are refused before they are parsed: the page must stay alive. */
export const largestText: number = 8_000_000;
const mostNumbers = 2_000_000;

const refuse = (what: string, where: string, remedy: string): GradpoolError =>
  new GradpoolError({ code: "invalid-input", what, where, remedy });

/**
 * Reads T gradients from text: a request of `gradpool pool` (or its `gradients` alone), CSV with a row a task, or lines of a run's
 * `diagnostics.jsonl`. Errors name the place and say what to give.
 */
export function readPasted(text: string): Pasted {
  if (text.length > largestText) {
    const size = `${(text.length / 1e6).toFixed(1)} million characters`;
    throw refuse(size, "the text", "give up to 8 million; for more, use gradpool pool");
  }
  const clean = text.replace(/^\uFEFF/, "").trim();
  if (clean === "") throw refuse("nothing is there", "the text", "paste JSON, CSV or diagnostics");
  if (!/^[[{]/.test(clean)) return csv(clean);
  const lines = clean.split(/\r?\n/);
  if (isDiagnostics(lines[0] as string)) return diagnostics(lines);
  const read = readInput(clean);
  const values = read.requests.map((request) => {
    if ("error" in request) throw request.error;
    return request.value;
  });
  if (read.form === "array" && values.every(Array.isArray)) return single(values);
  const requests = values.map((value, k) => {
    const given = Array.isArray(value) ? { gradients: value } : value;
    const request = typeof given === "object" && given !== null ? { method: "ew", ...given } : given;
    try {
      return readRequest(request);
    } catch (error) {
      if (values.length === 1 || !(error instanceof GradpoolError)) throw error;
      throw refuse(error.what, `request ${k + 1}, ${error.where}`, error.remedy);
    }
  });
  return { kind: "JSON", labels: requests.map((_, k) => `request ${k + 1}`), request: (k) => requests[k] as Request };
}

function single(gradients: readonly JsonValue[]): Pasted {
  const rows = gradients.some((gradient) => Array.isArray(gradient) && Array.isArray(gradient[0]));
  const request = readRequest({ method: "ew", gradients, ...(rows ? { rows } : {}) });
  return { kind: "JSON", labels: ["gradients"], request: () => request };
}

/** A row a task, numbers between commas, semicolons, tabs or spaces; a first row or column without numbers holds names. */
function csv(text: string): Pasted {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const separator = [/\s*,\s*/, /\s*;\s*/, /\t/, /\s+/].find((one) => one.test((lines[0] as string).trim())) ?? /,/;
  const cells = lines.map((line) => line.trim().split(separator));
  const isNumber = (cell: string): boolean => cell !== "" && !Number.isNaN(Number(cell));
  const head = cells.length > 1 && !cells[0]?.some(isNumber) ? 1 : 0;
  const named = cells.slice(head).every((row) => row.length > 1 && !isNumber(row[0] as string)) ? 1 : 0;
  const gradients = cells.slice(head).map((row, r) =>
    row.slice(named).map((cell, c) => {
      if (isNumber(cell)) return Number(cell);
      const place = `line ${r + head + 1}, column ${c + named + 1}`;
      throw refuse(`${JSON.stringify(cell.slice(0, 40))} is no number`, place, "give one row of numbers per task");
    }),
  );
  if (gradients.length * (gradients[0]?.length ?? 0) > mostNumbers)
    throw refuse("more than 2 million numbers", "the text", "use gradpool pool for large gradients");
  const request = readRequest({ method: "ew", gradients: gradients as unknown as JsonValue });
  return { kind: "CSV", labels: ["gradients"], request: () => request };
}

interface Record {
  readonly step: number;
  readonly norms: readonly number[];
  readonly cosines: readonly number[];
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function isDiagnostics(line: string): boolean {
  const value = parsed(line);
  return typeof value === "object" && value !== null && "norms" in value && "step" in value;
}

function diagnostics(lines: readonly string[]): Pasted {
  const records = lines.map((line, k) => {
    const { step, norms, cosines } = (parsed(line) ?? {}) as Partial<Record>;
    const fits =
      Array.isArray(norms) && Array.isArray(cosines) && norms.length > 0 && cosines.length === norms.length ** 2;
    if (!fits || ![...norms, ...cosines].every((x) => Number.isFinite(x)))
      throw refuse("norms and T × T cosines are not there", `line ${k + 1}`, "give lines of a run's diagnostics.jsonl");
    return { step: step as number, norms: norms as readonly number[], cosines: cosines as readonly number[] };
  });
  return {
    kind: "diagnostics",
    labels: records.map(({ step }) => `step ${step}`),
    request(k) {
      const { norms, cosines } = records[k] as Record;
      return readRequest({ method: "ew", gradients: vectorsFrom(norms, cosines) });
    },
  };
}
