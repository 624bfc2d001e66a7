import type { ColumnValues, OutColumn, TableChunk, TableWriter, ValuesOf } from "../columns/chunks.js";
import { putDouble, putFloat, putWhole, widestNumber } from "./numbers.js";
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

/** Words as they stand in the file, one after the other. */
interface Encoded {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  readonly longest: number;
}

function encode(words: readonly string[], said: (word: string) => string): Encoded {
  const parts = words.map(said);
  const bytes = encoder.encode(parts.join(""));
  const ascii = bytes.length === parts.reduce((sum, part) => sum + part.length, 0);
  const offsets = new Int32Array(parts.length + 1);
  let longest = 0;
  parts.forEach((part, k) => {
    const length = ascii ? part.length : Buffer.byteLength(part);
    offsets[k + 1] = (offsets[k] as number) + length;
    longest = Math.max(longest, length);
  });
  return { bytes, offsets, longest };
}

function put(out: Uint8Array, at: number, bytes: Uint8Array, from = 0, to = bytes.length): number {
  let place = at;
  for (let k = from; k < to; k++) out[place++] = bytes[k] as number;
  return place;
}

/** Cells of a chunk's column, what stands before each included. */
interface CellWriter {
  readonly widest: number;
  /** Writes a row's cell from `at` on, and says where it ends. */
  put(out: Uint8Array, at: number, row: number): number;
}

/** Lines of a table, a chunk at a time, into a file. */
export function textWriter(file: OutFile, columns: readonly OutColumn[], dialect: Dialect): TableWriter {
  let out = new Uint8Array(1 << 20);
  let at = 0;
  const after = encoder.encode(dialect.after);
  const writersOf = columns.map((column, c) => columnWriter(column, dialect.before[c] as string, dialect));
  function flush(): void {
    file.write(out.subarray(0, at));
    at = 0;
  }
  function room(widest: number): void {
    if (at + widest <= out.length) return;
    flush();
    if (widest > out.length) out = new Uint8Array(widest);
  }
  const header = encoder.encode(dialect.header);
  room(header.length);
  at = put(out, at, header);
  return {
    write({ rows, columns: chunk }: TableChunk): void {
      const writers = writersOf.map((writerOf, c) => writerOf(chunk[c] as ColumnValues));
      const widest = writers.reduce((sum, writer) => sum + writer.widest, after.length);
      for (let row = 0; row < rows; row++) {
        room(widest);
        for (let c = 0; c < writers.length; c++) at = (writers[c] as CellWriter).put(out, at, row);
        at = put(out, at, after);
      }
    },
    end: flush,
    close: () => file.close(),
  };
}

type WriterOf = (values: ColumnValues) => CellWriter;

function columnWriter({ type }: OutColumn, before: string, dialect: Dialect): WriterOf {
  const empty = encoder.encode(before + dialect.empty);
  if (type === "VARCHAR") return wordWriter((word) => before + dialect.word(word), empty);
  if (type === "BOOLEAN") {
    const said = [encoder.encode(`${before}false`), encoder.encode(`${before}true`)] as const;
    return (values) => ({
      widest: said[0].length,
      put: (out, at, row) => put(out, at, (values as Uint8Array)[row] === 0 ? said[0] : said[1]),
    });
  }
  const number = { FLOAT: putFloat, DOUBLE: putDouble, INTEGER: putInteger }[type as "FLOAT"];
  const lead = encoder.encode(before);
  return (values) => ({
    widest: empty.length + widestNumber,
    put(out, at, row) {
      const value = (values as Float32Array)[row] as number;
      return Number.isFinite(value) ? number(out, put(out, at, lead), value) : put(out, at, empty);
    },
  });
}

/** What was encoded for one chunk serves the next one where that names the same words. */
function wordWriter(said: (word: string) => string, empty: Uint8Array): WriterOf {
  let held: { readonly words: readonly string[]; readonly encoded: Encoded } | undefined;
  return (values) => {
    const { words, codes } = wordValues(values as ValuesOf["VARCHAR"]);
    if (held?.words !== words) held = { words, encoded: encode(words, said) };
    const { bytes, offsets, longest } = held.encoded;
    return {
      widest: Math.max(longest, empty.length),
      put(out, at, row) {
        const code = codes[row] as number;
        return code < 0
          ? put(out, at, empty)
          : put(out, at, bytes, offsets[code] as number, offsets[code + 1] as number);
      },
    };
  };
}

const putInteger = (out: Uint8Array, at: number, value: number): number =>
  value < 0 ? putDouble(out, at, value) : putWhole(out, at, value);
