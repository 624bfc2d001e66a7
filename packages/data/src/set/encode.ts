import { createHash } from "node:crypto";
import { crossing, type Encoding, hashDigits, type TimePart } from "./encoding.js";
import type { Feature } from "./prepared-set.js";
import { readMoment } from "./moments.js";

/** What a row's values are to a model. */
export interface Encoded {
  /** The numbers of a category: none where it is missing. */
  readonly ids: readonly number[];
  /** Of a numerical feature; NaN where it is missing. */
  readonly number: number;
  /** False: it says something that was never seen in training, or that cannot be read. */
  readonly known: boolean;
}

type Row = Readonly<Record<string, unknown>>;

const nothing: Encoded = { ids: [], number: Number.NaN, known: true };
const strange: Encoded = { ...nothing, known: false };
const oneId = (id: number): Encoded => ({ ids: [id], number: Number.NaN, known: true });

/** 1 + the first 48 bits of the SHA-256 of a text, modulo `size`. */
const hashed = (value: string, size: number): number =>
  1 + (Number.parseInt(createHash("sha256").update(value).digest("hex").slice(0, hashDigits), 16) % size);

const partOf: Readonly<Record<TimePart, (moment: Date) => number>> = {
  minute: (moment) => moment.getUTCMinutes(),
  hour: (moment) => moment.getUTCHours(),
  weekday: (moment) => (moment.getUTCDay() + 6) % 7,
  day: (moment) => moment.getUTCDate() - 1,
  month: (moment) => moment.getUTCMonth(),
};

const trimmed = (values: readonly unknown[]): string[] => values.map((one) => String(one).trim());

/** The values of a list that is written as JSON; undefined for anything else. */
function jsonList(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== "string" || !/^\[.*\]$/s.test(value)) return undefined;
  try {
    const found: unknown = JSON.parse(value);
    const plain = Array.isArray(found) && found.every((one) => one === null || typeof one !== "object");
    return plain ? (found as readonly unknown[]).filter((one) => one !== null) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a feature's values from rows as the source files write them, as `prepare` read those of the training rows. */
export function encoderOf(
  {
    name,
    kind,
    encoding = { kind: kind === "numerical" ? "number" : "category", columns: [name] } as Encoding,
  }: Pick<Feature, "name" | "kind" | "encoding">,
  /** The number of a value; 0: never seen. */
  numberOf: (value: string) => number,
): (row: Row) => Encoded {
  const { columns, missing = [] } = encoding;
  const [column = name] = columns;
  const words = ["", ...missing];
  const isBlank = (value: unknown): boolean =>
    value === undefined ||
    value === null ||
    (typeof value === "number" && Number.isNaN(value)) ||
    words.includes(String(value));
  // What was asked for by the feature's own name is taken, too.
  const cell = (row: Row, one = column): unknown => (one in row || columns.length > 1 ? row[one] : row[name]);
  const number = (row: Row): number | undefined => {
    const value = cell(row);
    if (isBlank(value) || String(value).trim() === "") return undefined;
    return Number(value);
  };
  const word = (value: string, unknown: number | undefined): Encoded => {
    const id = numberOf(value);
    if (id > 0) return oneId(id);
    return { ...strange, ids: unknown === undefined ? [] : [unknown] };
  };
  switch (encoding.kind) {
    case "number":
      return (row) => {
        const value = number(row);
        return value === undefined ? nothing : { ids: [], number: value, known: Number.isFinite(value) };
      };
    case "buckets":
      return (row) => {
        const value = number(row);
        if (value === undefined) return nothing;
        if (Number.isNaN(value)) return strange;
        const found = Math.fround(value);
        return oneId(1 + encoding.bounds.filter((bound) => found >= bound).length);
      };
    case "time":
      return (row) => {
        const value = cell(row);
        if (isBlank(value)) return nothing;
        const moment = readMoment(value, encoding);
        return moment === undefined ? strange : oneId(1 + partOf[encoding.part](moment));
      };
    case "list": {
      const { separator, size, unknown } = encoding;
      return (row) => {
        const value = cell(row);
        if (isBlank(value)) return nothing;
        const asWritten = trimmed(Array.isArray(value) ? value : String(value).split(separator));
        // Files of lists give them as JSON. A text of the source that only looks like it is known as it stands.
        const listed = asWritten.every((one) => size === undefined && numberOf(one) > 0) ? undefined : jsonList(value);
        const texts = listed === undefined ? asWritten : trimmed(listed);
        const found = [...new Set(texts.filter((one) => !words.includes(one)))].map((one) =>
          size === undefined ? word(one, unknown) : oneId(hashed(one, size)),
        );
        const ids = [...new Set(found.flatMap((one) => one.ids))].sort((a, b) => a - b);
        return { ids, number: Number.NaN, known: found.every(({ known }) => known) };
      };
    }
    default:
      return (row) => {
        const values = columns.map((one) => cell(row, one));
        if (values.some(isBlank)) return nothing;
        const value = values.map(String).join(crossing);
        return encoding.kind === "hash" ? oneId(hashed(value, encoding.size)) : word(value, encoding.unknown);
      };
  }
}
