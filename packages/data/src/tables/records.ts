import { problem } from "../errors.js";
import { textOf, type Decoding } from "./encoding.js";
import { forEachLine, longestLine, type Line } from "./lines.js";

/** Rows of more columns than this are not taken apart. */
export const mostColumns = 10_000;

/**
 * The raw fields of one record, or undefined if a quote is left open or followed by more than the separator. A field is
 * quoted if its first character but spaces is a quote; a quote elsewhere is itself. Spaces around a quoted field do not count.
 */
export function splitRecord(raw: string, delimiter: string): string[] | undefined {
  if (!raw.includes('"')) return raw.split(delimiter, mostColumns + 1);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const opens = afterSpaces(raw, at);
    if (raw[opens] === '"') {
      const field = quotedField(raw, opens);
      if (!field) return undefined;
      fields.push(field.value);
      at = afterSpaces(raw, field.end);
      if (at < raw.length && !raw.startsWith(delimiter, at)) return undefined;
    } else {
      const stop = raw.indexOf(delimiter, at);
      fields.push(stop < 0 ? raw.slice(at) : raw.slice(at, stop));
      at = stop < 0 ? raw.length : stop;
    }
    if (at >= raw.length || fields.length > mostColumns) return fields;
    at += delimiter.length;
    if (at === raw.length) return [...fields, ""];
  }
}

function afterSpaces(raw: string, from: number): number {
  let at = from;
  while (raw[at] === " ") at++;
  return at;
}

/** The value of the field whose opening quote is at `opens`, and the place behind its closing one. */
function quotedField(raw: string, opens: number): { value: string; end: number } | undefined {
  let value = "";
  for (let at = opens; ;) {
    const close = raw.indexOf('"', at + 1);
    if (close < 0) return undefined;
    value += raw.slice(at + 1, close);
    if (raw[close + 1] !== '"') return { value, end: close + 1 };
    value += '"';
    at = close + 1;
  }
}

/** True if a quoted field is still open at the end of a line, begun inside of one (`open`) or not. */
function leavesOpen(raw: string, delimiter: string, open: boolean): boolean {
  if (!raw.includes('"')) return open;
  let at = 0;
  for (let inside = open; ;) {
    if (inside) {
      const close = raw.indexOf('"', at);
      if (close < 0) return true;
      inside = raw[close + 1] === '"';
      at = close + (inside ? 2 : 1);
      if (inside) continue;
    } else {
      const opens = afterSpaces(raw, at);
      inside = raw[opens] === '"';
      at = opens + 1;
      if (inside) continue;
    }
    const stop = raw.indexOf(delimiter, Math.max(0, at - 1));
    if (stop < 0) return false;
    at = stop + delimiter.length;
  }
}

/** How records are told apart. */
export interface RecordLayout {
  readonly delimiter: string;
  /** Quotes have no meaning, so that every line is a record. */
  readonly unquoted?: boolean | undefined;
}

export interface RecordVisitor {
  /** A record, in which quoted fields may hold line ends; `number` is that of its first line. May return false to stop. */
  record(raw: string, number: number): boolean | void;
  /** A line that is no record: longer than may be, or with a quote that never ends. */
  refuse(number: number, reason: string): void;
}

const tooLong: string = `longer than ${longestLine >> 20} MiB`;
export const openQuote = "a quote is left open or out of place";

/**
 * Calls `visitor` for every record. A quote that never ends must not swallow the file: then the line that it is in is
 * refused, and the next one begins a record of its own.
 */
export async function forEachRecord(
  path: string,
  decoding: Decoding,
  layout: RecordLayout,
  visitor: RecordVisitor,
  signal?: AbortSignal,
): Promise<void> {
  let held: Line[] = [];
  let size = 0;
  /** Takes one line; returns false to stop, or the lines to take again. */
  const feed = (line: Line): boolean | readonly Line[] => {
    const { raw, number, end } = line;
    if (raw === undefined) {
      if (held.length > 0) return giveUp(line);
      visitor.refuse(number, tooLong);
      return true;
    }
    if (layout.unquoted) return visitor.record(raw, number) !== false;
    if (!leavesOpen(raw, layout.delimiter, held.length > 0)) {
      if (held.length === 0) return visitor.record(raw, number) !== false;
      const whole = held.map((part) => `${part.raw}${part.end}`).join("") + raw;
      if (splitRecord(whole, layout.delimiter) === undefined) return giveUp(line);
      const first = held[0]?.number ?? number;
      held = [];
      size = 0;
      return visitor.record(whole, first) !== false;
    }
    held.push(line);
    size += raw.length + end.length;
    return size > longestLine ? giveUp() : true;
  };
  const giveUp = (...more: Line[]): readonly Line[] => {
    const [first, ...rest] = [...held, ...more];
    held = [];
    size = 0;
    if (first) visitor.refuse(first.number, openQuote);
    return rest;
  };
  /** No line of `again` leaves a quote open by itself, or its own quote would have ended the record: this is linear. */
  const take = (lines: readonly Line[]): boolean => {
    for (const [k, line] of lines.entries()) {
      const done = feed(line);
      if (typeof done === "boolean") {
        if (!done) return false;
      } else return take([...done, ...lines.slice(k + 1)]);
    }
    return true;
  };
  let stopped = false;
  const visit = (line: Line): boolean => {
    stopped = !take([line]);
    return !stopped;
  };
  await forEachLine(path, decoding, visit, signal);
  while (!stopped && held.length > 0) stopped = !take(giveUp());
}

/** The first record of a file that is not blank, as text, with the lines it stands on. */
export interface FirstRecord {
  readonly text: string;
  readonly number: number;
}

/** The first `limit` records that are not blank. A line too long to be read is an error: there is no telling the layout. */
export async function firstRecords(
  path: string,
  decoding: Decoding,
  layout: RecordLayout,
  limit: number,
  signal?: AbortSignal,
): Promise<readonly FirstRecord[]> {
  const found: FirstRecord[] = [];
  const visitor: RecordVisitor = {
    record(raw, number) {
      if (raw.trim() !== "") found.push({ text: textOf(decoding, raw, path, number), number });
      return found.length < limit;
    },
    refuse(number, reason) {
      if (found.length === 0)
        throw problem("invalid-input", `the line is ${reason}`, `${path}:${number}`, "check the file");
    },
  };
  await forEachRecord(path, decoding, layout, visitor, signal);
  return found;
}
