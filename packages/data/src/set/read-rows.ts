import { isGradpoolError } from "@gradpool/core";
import { problem } from "../errors.js";
import type { ColumnChunk, Duck } from "../tables/duck.js";
import type { RowColumns } from "./prepared-set.js";
import { growIds, type BlockFeature, type RowBlock, type WantedColumns } from "./row-block.js";
import { rowsIn, type RowGroup } from "./row-groups.js";

/** Reads groups of rows into blocks. */
export interface RowReader {
  /**
   * Adds a group's rows behind those that the block has; `most` of them at most. Error `damaged`, with the file, for rows that cannot be read, and
   * `invalid-input` for values that the set has no place for.
   */
  add(block: RowBlock, group: RowGroup, most?: number): Promise<void>;
}

/** What a column is in SQL, and where its values go: chunk by chunk, behind `at` rows. */
interface ColumnReader {
  readonly sql: string;
  take(chunk: ColumnChunk, column: number, block: RowBlock, at: number): void;
}

/** A value that the set has no place for, at a row of a chunk. */
interface Stray {
  readonly row: number;
  readonly what: string;
}

class StrayValue extends Error {
  readonly stray: Stray;
  constructor(stray: Stray) {
    super(stray.what);
    this.stray = stray;
  }
}

function requireIds(ids: ArrayLike<number>, count: number, size: number, of: string): void {
  for (let row = 0; row < count; row++) {
    const id = ids[row] as number;
    if (id >= 0 && id < size) continue;
    throw new StrayValue({ row, what: id === -1 ? `${of} is missing` : `${of} is ${id}, not one of 0 … ${size - 1}` });
  }
}

function requireLabels(labels: Uint8Array, count: number, of: string): void {
  for (let row = 0; row < count; row++) {
    const label = labels[row] as number;
    if (label === 0 || label === 1 || label === 255) continue;
    throw new StrayValue({ row, what: `${of} is ${label}, not 0, 1 or missing` });
  }
}

const idsOf = (expression: string): string => `coalesce(CAST(${expression} AS INTEGER), -1)`;
const numbersOf = (expression: string): string => `coalesce(CAST(${expression} AS DOUBLE), 'nan'::DOUBLE)`;

function readersOf(columns: RowColumns, wanted: WantedColumns): ColumnReader[] {
  const { users, items } = columns;
  const ids = (sql: string | null, side: "users" | "items", size: number): ColumnReader => ({
    sql: sql === null ? "0::INTEGER" : idsOf(sql),
    take(chunk, column, block, at) {
      const found = chunk.numbers(column) as Int32Array;
      requireIds(found, chunk.rows, size, side === "users" ? "the user" : "the item");
      block[side].set(found, at);
    },
  });
  const beside = (sql: string, side: "times" | "weights"): ColumnReader => ({
    sql: numbersOf(sql),
    take: (chunk, column, block, at) => block[side]?.set(chunk.numbers(column) as Float64Array, at),
  });
  return [
    ids(users.column, "users", users.size),
    ...(wanted.items ? [ids(items.column, "items", items.size)] : []),
    ...(wanted.times && columns.time !== null ? [beside(columns.time, "times")] : []),
    ...(wanted.weights && columns.weight !== null ? [beside(columns.weight, "weights")] : []),
    ...wanted.labels.map((k): ColumnReader => {
      const { column: sql, name } = columns.labels[k] as RowColumns["labels"][number];
      return {
        sql: `coalesce(CAST(${sql} AS UTINYINT), 255::UTINYINT)`,
        take(chunk, column, block, at) {
          const labels = chunk.numbers(column) as Uint8Array;
          requireLabels(labels, chunk.rows, name);
          (block.labels[k] as Uint8Array).set(labels, at);
        },
      };
    }),
    ...wanted.features.map((k) => featureReader(columns.features[k] as RowColumns["features"][number], k)),
  ];
}

function featureReader({ column: sql, name, kind }: RowColumns["features"][number], k: number): ColumnReader {
  const own = (block: RowBlock): BlockFeature => block.features[k] as BlockFeature;
  if (kind === "multi-hot") {
    return {
      sql: `coalesce(${sql}, [])`,
      take: (chunk, column, block, at) => takeBags(chunk, column, own(block) as never, at, name),
    };
  }
  return {
    sql: kind === "numerical" ? numbersOf(sql) : `coalesce(CAST(${sql} AS INTEGER), 0)`,
    take(chunk, column, block, at) {
      const feature = own(block);
      const found = chunk.numbers(column) as Int32Array | Float64Array;
      if (feature.kind === "numerical") feature.values.set(found, at);
      else if (feature.kind === "one-hot") {
        requireIds(found, chunk.rows, feature.vocabulary, name);
        feature.ids.set(found, at);
      }
    },
  };
}

function takeBags(
  chunk: ColumnChunk,
  column: number,
  feature: Extract<BlockFeature, { kind: "multi-hot" }>,
  at: number,
  name: string,
): void {
  const { from, count, values } = chunk.lists(column);
  let end = feature.offsets[at] as number;
  for (let row = 0; row < chunk.rows; row++) {
    const own = count(row);
    feature.ids = growIds(feature.ids, end + own);
    const first = from(row);
    for (let k = 0; k < own; k++) {
      const id = Number(values[first + k]);
      if (!(id >= 0 && id < feature.vocabulary))
        throw new StrayValue({ row, what: `${name} has ${id}, not one of 0 … ${feature.vocabulary - 1}` });
      feature.ids[end++] = id;
    }
    feature.offsets[at + row + 1] = end;
  }
}

/** Groups hold rows of several parts where `part` is a number. `db` must read in one thread, and keep the order of rows. */
export function rowReader(
  db: Duck,
  folder: string,
  columns: RowColumns,
  wanted: WantedColumns,
  part: number | null,
): RowReader {
  const readers = readersOf(columns, wanted);
  const selected = ["file_row_number AS row", ...readers.map(({ sql }) => sql)].join(", ");
  return {
    async add(block, group, most) {
      const path = `${folder}/${group.file}`;
      const own = part === null ? "" : ` AND part = ${part}`;
      const limit = most === undefined ? "" : ` LIMIT ${most}`;
      const expected = Math.min(group.rows, most ?? Infinity);
      const begin = block.size;
      let last = group.start - 1;
      await db
        .columns(`SELECT ${selected} FROM ${rowsIn(folder, group)}${own}${limit}`, (chunk) => {
          const places = chunk.numbers(0) as BigInt64Array;
          last = requireOrder(places, chunk.rows, last, path);
          if (block.size + chunk.rows > begin + expected) throw another(path);
          const at = block.size;
          for (const [c, reader] of readers.entries()) {
            try {
              reader.take(chunk, c + 1, block, at);
            } catch (error) {
              if (!(error instanceof StrayValue)) throw error;
              const { row, what } = error.stray;
              const remedy = "the set's manifest says how many values there are: correct it, or the rows";
              throw problem("invalid-input", `${what}, in row ${places[row]}`, path, remedy);
            }
          }
          block.size = at + chunk.rows;
        })
        .catch((error: unknown) => {
          throw isGradpoolError(error) && error.where === path ? error : unreadable(error, path);
        });
      if (block.size !== begin + expected) throw another(path);
    },
  };
}

function requireOrder(places: BigInt64Array, count: number, last: number, path: string): number {
  const [first, end] = [Number(places[0]), Number(places[count - 1])];
  if (first > last && end - first >= count - 1) return end;
  throw problem("failed", "rows came in another order than they stand in", path, "report this as a bug");
}

const another = (path: string): Error =>
  problem("damaged", "the file has other rows than when the run began", path, "put the file back as it was, and go on");

function unreadable(error: unknown, path: string): Error {
  const line = (error instanceof Error ? ((error.cause as Error | undefined) ?? error).message : String(error)).split(
    "\n",
  )[0];
  const remedy = "put the file back as it was, and go on with --resume";
  return problem("damaged", `rows cannot be read: ${line}`, path, remedy, error);
}
