import { readFileSync } from "node:fs";

/** JSON of the vectors after decoding: the strings NaN, Infinity and -Infinity have become numbers. */
export type Decoded = number | string | boolean | null | readonly Decoded[] | { readonly [key: string]: Decoded };

export interface GoldenInput {
  /** The name of a case (one T × P matrix) or of a sequence (steps of T × P matrices). */
  readonly case?: string;
  readonly steps?: readonly unknown[];
  readonly shapes?: readonly (readonly number[])[];
  readonly orders?: readonly (readonly number[])[];
  readonly losses?: readonly (readonly number[])[];
  readonly [key: string]: unknown;
}

export interface GoldenRecord {
  readonly source: string;
  readonly version?: string;
  readonly method: string;
  readonly options: { readonly [key: string]: Decoded };
  readonly input: GoldenInput;
  readonly output?: Decoded;
  readonly weights?: Decoded;
  /** Why the exact answer does not exist. */
  readonly undefined?: string;
  /** What the reference code threw. */
  readonly error?: string;
  readonly [key: string]: unknown;
}

export interface Golden {
  /** name → T × P. */
  readonly cases: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** name → steps × T × P. */
  readonly sequences: Readonly<Record<string, readonly (readonly (readonly number[])[])[]>>;
  /** name → steps × T. */
  readonly loss_sequences: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly records: readonly GoldenRecord[];
}

let loaded: Golden | undefined;

/** All golden vectors, read once. */
export function loadGolden(): Golden {
  loaded ??= JSON.parse(readFileSync(new URL("./golden.json", import.meta.url), "utf8"), (_key, value: unknown) =>
    value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value,
  ) as Golden;
  return loaded;
}

/** The records that a predicate or the given fields select. */
export function goldenRecords(
  select: Partial<Pick<GoldenRecord, "source" | "method">> | ((record: GoldenRecord) => boolean),
): readonly GoldenRecord[] {
  const wanted =
    typeof select === "function"
      ? select
      : (record: GoldenRecord) =>
          (select.source === undefined || record.source === select.source) &&
          (select.method === undefined || record.method === select.method);
  return loadGolden().records.filter(wanted);
}

/** The T × P matrix of a record whose input names a case. */
export function goldenCase(record: GoldenRecord): readonly (readonly number[])[] {
  const matrix = loadGolden().cases[record.input.case ?? ""];
  if (matrix === undefined) throw new Error(`no case ${record.input.case}`);
  return matrix;
}

/** The steps of a record: its own, those of the sequence that it names, or its case as the only step. */
export function goldenSteps(record: GoldenRecord): readonly (readonly (readonly number[])[])[] {
  if (record.input.steps !== undefined) return record.input.steps as readonly (readonly (readonly number[])[])[];
  return loadGolden().sequences[record.input.case ?? ""] ?? [goldenCase(record)];
}

/** One line that says which record this is: for test names. */
export function goldenTitle(record: GoldenRecord): string {
  const { note: _note, patch: _patch, ...options } = record.options;
  return `${record.method} of ${record.source} on ${record.input.case ?? "its own steps"} with ${JSON.stringify(options)}`;
}

/** Nested arrays of numbers as one list. */
export function flatten(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (value !== null && typeof value === "object" && "length" in value) {
    return Array.from(value as ArrayLike<unknown>).flatMap(flatten);
  }
  throw new Error(`not a number: ${JSON.stringify(value)}`);
}

export interface Closeness {
  /** Default 1e-9; 1e-6 for records made in float32. */
  readonly relative?: number;
  /** What errors are relative to; default: the largest expected coordinate. Give the inputs' size where terms cancel. */
  readonly scale?: number;
}

/** Throws, naming the first coordinate, unless `actual` is `expected` within a relative tolerance. */
export function expectClose(actual: unknown, expected: unknown, closeness: Closeness = {}): void {
  const a = flatten(actual);
  const e = flatten(expected);
  if (a.length !== e.length) throw new Error(`${a.length} numbers where ${e.length} are expected`);
  const { relative = 1e-9, scale = Math.max(...e.map(Math.abs), 0) } = closeness;
  e.forEach((want, k) => {
    const got = a[k] as number;
    if (!(Math.abs(got - want) <= relative * scale)) {
      throw new Error(
        `coordinate ${k} is ${got}, expected ${want} within ${relative * scale}: got [${a}], want [${e}]`,
      );
    }
  });
}
