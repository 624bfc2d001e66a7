import { gzipSync } from "node:zlib";
import type { ListValues, OutColumn, TableChunk } from "../columns/chunks.js";
import type { OutFile } from "../tables/out-file.js";
import { hybridRoom, putHybrid, widthOf } from "./hybrid.js";
import { mayMiss, pathOf, physical } from "./schema.js";
import { binary, i32, i64, list, struct, type Thrift } from "./thrift.js";
import { groupValues } from "./values.js";

const encodings = { plain: 0, levels: 3, dictionary: 8 };
const codecs = { none: 0, gzip: 2 };

interface Page {
  readonly kind: "data" | "dictionary";
  readonly count: number;
  readonly encoding: number;
  readonly bytes: Uint8Array;
}

interface WrittenColumn {
  /** Uncompressed, headers included. */
  readonly size: number;
  /** What the footer says of it. */
  readonly about: Thrift;
}

/** Writes a column of a row group, a page or two. */
export function writeColumn(
  file: OutFile,
  column: OutColumn,
  chunks: readonly TableChunk[],
  at: number,
): WrittenColumn {
  const { there, values } = groupValues(column.type, chunks, at);
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  const lists = column.type === "FLOAT[]" ? chunks.map(({ columns }) => columns[at] as ListValues) : undefined;
  const levels = lists === undefined ? presence(column.type, rows, there) : nesting(lists, chunks);
  const count = lists === undefined ? rows : lists.reduce((sum, own) => sum + own.values.length, 0);
  const from = file.at;
  const plain = values instanceof Uint8Array;
  // Texts that hardly recur shrink; floats do not, and codes are packed already.
  const codec = plain && column.type === "VARCHAR" ? codecs.gzip : codecs.none;
  const pages: Page[] = plain
    ? [{ kind: "data", count, encoding: encodings.plain, bytes: Buffer.concat([...levels, values]) }]
    : [
        { kind: "dictionary", count: values.entries, encoding: encodings.plain, bytes: values.dictionary },
        {
          kind: "data",
          count,
          encoding: encodings.dictionary,
          bytes: Buffer.concat([...levels, coded(values.codes, values.entries)]),
        },
      ];
  const starts: number[] = [];
  let size = 0;
  for (const page of pages) {
    starts.push(file.at);
    size += writePage(file, page, codec);
  }
  return {
    size,
    about: struct({
      2: i64(from),
      3: struct({
        1: i32(physical[column.type]),
        2: list(i32(0).type, [encodings.plain, encodings.levels, ...(plain ? [] : [encodings.dictionary])].map(i32)),
        3: list(binary("").type, pathOf(column).map(binary)),
        4: i32(codec),
        5: i64(count),
        6: i64(size),
        7: i64(file.at - from),
        9: i64(starts.at(-1) as number),
        11: plain ? undefined : i64(from),
      }),
    }),
  };
}

/** Its uncompressed size, header included. */
function writePage(file: OutFile, { kind, count, encoding, bytes }: Page, codec: number): number {
  const written = codec === codecs.gzip ? gzipSync(bytes, { level: 1 }) : bytes;
  const about = { 1: i32(count), 2: i32(encoding) };
  const levels = { 3: i32(encodings.levels), 4: i32(encodings.levels) };
  const header = struct({
    1: i32(kind === "data" ? 0 : 2),
    2: i32(bytes.length),
    3: i32(written.length),
    ...(kind === "data" ? { 5: struct({ ...about, ...levels }) } : { 7: struct(about) }),
  } satisfies Record<number, Thrift>);
  file.write(Uint8Array.from(header.bytes));
  file.write(written);
  return header.bytes.length + bytes.length;
}

/** Codes after their width. */
function coded(codes: Int32Array, entries: number): Uint8Array {
  const width = widthOf(entries - 1);
  const out = new Uint8Array(1 + hybridRoom(codes.length, width));
  out[0] = width;
  return out.subarray(0, putHybrid(out, 1, codes, width));
}

/** Levels of one bit after their length. */
function levelsOf(levels: Int32Array): Uint8Array {
  const out = Buffer.alloc(4 + hybridRoom(levels.length, 1));
  const end = putHybrid(out, 4, levels, 1);
  out.writeUInt32LE(end - 4, 0);
  return out.subarray(0, end);
}

const presence = (type: OutColumn["type"], rows: number, there: Uint8Array | undefined): Uint8Array[] =>
  mayMiss(type) ? [levelsOf(there === undefined ? new Int32Array(rows).fill(1) : Int32Array.from(there))] : [];

/** Of lists without holes: the first value of each begins it, and every value is there. */
function nesting(lists: readonly ListValues[], chunks: readonly TableChunk[]): Uint8Array[] {
  const repeated = lists.flatMap(({ width }, k) =>
    Array.from({ length: (chunks[k] as TableChunk).rows * width }, (_, at) => Number(at % width > 0)),
  );
  return [levelsOf(Int32Array.from(repeated)), levelsOf(new Int32Array(repeated.length).fill(1))];
}
