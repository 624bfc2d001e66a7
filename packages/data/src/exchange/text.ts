import type { ColumnValues, OutColumn, TableChunk, TableWriter, ValuesOf } from "../columns/chunks.js";
import { putDouble, putFloat, widestNumber } from "./numbers.js";
import type { OutFile } from "../tables/out-file.js";
import { wordValues } from "../columns/words.js";

/** How a line of text is made of cells. */
interface Dialect {
  readonly header: string;
  /** What stands before each column's cell. */
  readonly before: readonly string[];
  readonly after: string;
  readonly empty: string;
  readonly word: (word: string) => string;
}

const quoted = (word: string): string =>
  word === "" || /[",\r\n]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word;

export const csv = (columns: readonly OutColumn[]): Dialect => ({
  header: `${columns.map(({ name }) => quoted(name)).join(",")}\n`,
  before: columns.map((_, c) => (c === 0 ? "" : ",")),
  after: "\n",
  empty: "",
  word: quoted,
});

export const jsonl = (columns: readonly OutColumn[]): Dialect => ({
  header: "",
  before: columns.map(({ name }, c) => `${c === 0 ? "{" : ","}${JSON.stringify(name)}:`),
  after: "}\n",
  empty: "null",
  word: (word) => JSON.stringify(word),
});

const encoder = new TextEncoder();
const eight = 8;

/**
 * Cells as they stand in the file; the first is the empty one. Each begins at a multiple of eight bytes, so that it is copied eight at a
 * time: what is written beyond its end is written over by what follows.
 */
interface CellTable {
  /** Bytes by fours, in the order of every machine that runs this. */
  readonly fours: Int32Array;
  /** Where a cell begins in `fours`. */
  readonly starts: Int32Array;
  /** In bytes. */
  readonly lengths: Int32Array;
  readonly longest: number;
}

/** What stands around the cells of a column, and how words are written there. */
interface Around {
  readonly before: string;
  readonly after: string;
  readonly dialect: Dialect;
}

/** The cells of some words. */
function tableOf(words: readonly string[], said: (word: string) => string, around: Around): CellTable {
  const { before, after, dialect } = around;
  const parts = [before + dialect.empty + after, ...words.map((word) => before + said(word) + after)];
  const starts = new Int32Array(parts.length);
  const lengths = new Int32Array(parts.length);
  let [size, longest] = [0, 0];
  // No letter of a text takes more than three bytes.
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 3 * part.length + eight, 0));
  parts.forEach((part, k) => {
    const { written } = encoder.encodeInto(part, bytes.subarray(size));
    starts[k] = size / 4;
    lengths[k] = written;
    longest = Math.max(longest, written);
    size += Math.ceil(written / eight) * eight;
  });
  return { fours: new Int32Array(bytes.buffer, 0, size / 4), starts, lengths, longest };
}

type NumberArray = Float32Array | Float64Array | Int32Array;

/** A chunk's cells of a column: places in a table of cells (−1: the empty one), or numbers. */
type Cells = { readonly table: CellTable; readonly codes: Int32Array; readonly numbers: null } | NumberCells;

interface NumberCells {
  readonly table: CellTable;
  readonly codes: null;
  readonly numbers: NumberWriter;
}

interface NumberWriter {
  readonly values: NumberArray;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** Writes a finite number from `at` on, and says where it ends. */
  put(out: Uint8Array, at: number, value: number): number;
}

const widestOf = ({ table, numbers }: Cells): number =>
  Math.max(table.longest, numbers === null ? 0 : numbers.before.length + widestNumber + numbers.after.length);

/** Lines on their way to the file. */
interface Out {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

function outOf(size: number): Out {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** Lines of a table, a chunk at a time, into a file. */
export function textWriter(file: OutFile, columns: readonly OutColumn[], dialect: Dialect): TableWriter {
  let out = outOf(1 << 20);
  let at = 0;
  const cellsOf = columns.map((column, c) => {
    const after = c === columns.length - 1 ? dialect.after : "";
    return columnOf(column, { before: dialect.before[c] as string, after, dialect });
  });
  function flush(): void {
    file.write(out.bytes.subarray(0, at));
    at = 0;
  }
  function room(widest: number): void {
    if (at + widest <= out.bytes.length) return;
    flush();
    if (widest > out.bytes.length) out = outOf(widest);
  }
  const header = encoder.encode(dialect.header);
  room(header.length);
  at = put(out.bytes, at, header);
  return {
    write({ rows, columns: chunk }: TableChunk): void {
      const cells = cellsOf.map((of, c) => of(chunk[c] as ColumnValues));
      const widest = cells.reduce((sum, own) => sum + widestOf(own), eight);
      for (let from = 0; from < rows;) {
        room(widest);
        const to = Math.min(rows, from + Math.floor((out.bytes.length - at) / widest));
        at = putRows(out, at, cells, from, to);
        from = to;
      }
    },
    end: flush,
    close: () => file.close(),
  };
}

/** Rows `from` up to `to`, for which there is room; where they end. */
function putRows(out: Out, start: number, cells: readonly Cells[], from: number, to: number): number {
  let at = start;
  for (let row = from; row < to; row++) {
    for (let c = 0; c < cells.length; c++) {
      const cell = cells[c] as Cells;
      at =
        cell.codes === null
          ? putNumber(out, at, cell, row)
          : putCell(out, at, cell.table, (cell.codes[row] as number) + 1);
    }
  }
  return at;
}

function putCell({ view }: Out, at: number, { fours, starts, lengths }: CellTable, code: number): number {
  const length = lengths[code] as number;
  let next = starts[code] as number;
  for (let k = 0; k < length; k += eight, next += 2) {
    view.setInt32(at + k, fours[next] as number, true);
    view.setInt32(at + k + 4, fours[next + 1] as number, true);
  }
  return at + length;
}

function putNumber(out: Out, from: number, { table, numbers }: NumberCells, row: number): number {
  const value = numbers.values[row] as number;
  if (!Number.isFinite(value)) return putCell(out, from, table, 0);
  const at = numbers.put(out.bytes, put(out.bytes, from, numbers.before), value);
  return put(out.bytes, at, numbers.after);
}

function put(out: Uint8Array, at: number, bytes: Uint8Array): number {
  for (let k = 0; k < bytes.length; k++) out[at + k] = bytes[k] as number;
  return at + bytes.length;
}

type CellsOf = (values: ColumnValues) => Cells;

function columnOf({ type }: OutColumn, around: Around): CellsOf {
  if (type === "VARCHAR") return wordsOf(around);
  const plain = (word: string): string => word;
  if (type === "BOOLEAN") {
    const table = tableOf(["false", "true"], plain, around);
    return (values) => ({ table, codes: new Int32Array(values as Uint8Array), numbers: null });
  }
  const numbers = numbersOf(type === "FLOAT" ? putFloat : putDouble, around);
  return type === "INTEGER" ? smallOf(around, numbers) : numbers;
}

/** What was encoded for one chunk serves the next one where that names the same words. */
function wordsOf(around: Around): CellsOf {
  let held: { readonly words: readonly string[]; readonly table: CellTable } | undefined;
  return (values) => {
    const { words, codes } = wordValues(values as ValuesOf["VARCHAR"]);
    if (held?.words !== words) held = { words, table: tableOf(words, around.dialect.word, around) };
    return { table: held.table, codes, numbers: null };
  };
}

function numbersOf(putNumber: NumberWriter["put"], around: Around): CellsOf {
  const table = tableOf([], String, around);
  const [before, after] = [encoder.encode(around.before), encoder.encode(around.after)];
  return (values) => ({
    table,
    codes: null,
    numbers: { values: values as NumberArray, before, after, put: putNumber },
  });
}

/** Whole numbers below this have a table of their own: ranks. */
const small = 4096;

function smallOf(around: Around, others: CellsOf): CellsOf {
  let table = tableOf([], String, around);
  let count = 0;
  return (values) => {
    const codes = values as Int32Array;
    let most = 0;
    for (const value of codes) if (value < 0 || value > most) most = value < 0 ? small : value;
    if (most >= small) return others(values);
    if (most >= count) {
      count = Math.min(small, 2 * most + 2);
      table = tableOf(
        Array.from({ length: count }, (_, k) => String(k)),
        String,
        around,
      );
    }
    return { table, codes, numbers: null };
  };
}
