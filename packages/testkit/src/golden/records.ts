import { readFileSync } from "node:fs";

export type Matrix = readonly (readonly number[])[];

/** JSON after decoding: the strings NaN, Infinity and -Infinity have become numbers. */
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

/** What one code answered to one input. */
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
  /** Why the answer of the reference code is not the one that the method's definition gives. */
  readonly fault?: string;
  readonly [key: string]: unknown;
}

/** A file of golden vectors. */
export interface Golden {
  /** name → T × P. */
  readonly cases: Readonly<Record<string, Matrix>>;
  /** name → steps × T × P. */
  readonly sequences: Readonly<Record<string, readonly Matrix[]>>;
  /** name → steps × T. */
  readonly loss_sequences: Readonly<Record<string, Matrix>>;
  readonly records: readonly GoldenRecord[];
}

const decode = (_key: string, value: unknown): unknown =>
  value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value;

/** Reads a file such as `new URL("./golden.json", import.meta.url)`. */
export function readGolden(file: URL): Golden {
  const golden = JSON.parse(readFileSync(file, "utf8"), decode) as Partial<Golden>;
  return { cases: {}, sequences: {}, loss_sequences: {}, records: [], ...golden };
}

/** The records that a predicate or the given fields select; throws if there are none, since a test of nothing proves nothing. */
export function recordsOf(
  { records }: Golden,
  select: Partial<Pick<GoldenRecord, "source" | "method">> | ((record: GoldenRecord) => boolean),
): readonly GoldenRecord[] {
  const wanted =
    typeof select === "function"
      ? select
      : ({ source, method }: GoldenRecord) =>
          (select.source ?? source) === source && (select.method ?? method) === method;
  const found = records.filter(wanted);
  if (found.length === 0)
    throw new Error(`no golden record: ${typeof select === "function" ? select : JSON.stringify(select)}`);
  return found;
}

/** The T × P matrix of a record whose input names a case. */
export function caseOf({ cases }: Golden, record: GoldenRecord): Matrix {
  const matrix = cases[record.input.case ?? ""];
  if (matrix === undefined) throw new Error(`no case ${record.input.case}`);
  return matrix;
}

/** The steps of a record: its own, those of the sequence that it names, or its case as the only step. */
export function stepsOf(golden: Golden, record: GoldenRecord): readonly Matrix[] {
  if (record.input.steps !== undefined) return record.input.steps as readonly Matrix[];
  return golden.sequences[record.input.case ?? ""] ?? [caseOf(golden, record)];
}

/** The recorded vector of each step. */
export function outputsOf(golden: Golden, record: GoldenRecord): number[][] {
  return stepsOf(golden, record).length === 1 && record.input.steps === undefined
    ? [flatten(record.output)]
    : (record.output as unknown[]).map(flatten);
}

/** One line that says which record this is: for test names. */
export function titleOf(record: GoldenRecord): string {
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

/** The shared gradients of a record that has heads, alone and with each task's head beside them, T × (P + T·H). */
export function sharedAndHeads({ input }: GoldenRecord): { readonly shared: Matrix; readonly together: Matrix } {
  const shared = input["shared_gradients"] as Matrix;
  const heads = input["head_gradients"] as Matrix;
  const others = (task: number): number[] => heads.flatMap((head, j) => head.map((x) => (j === task ? x : 0)));
  return { shared, together: shared.map((row, i) => [...row, ...others(i)]) };
}
