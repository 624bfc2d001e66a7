export interface OutColumn {
  readonly name: string;
  /** `FLOAT[]`: a list, for Parquet. */
  readonly type: "VARCHAR" | "INTEGER" | "DOUBLE" | "FLOAT" | "BOOLEAN" | "FLOAT[]";
}

export type Cell = string | number | boolean | null | Float32Array;

/** Words of which a column names one a row: ids of a catalogue, encoded once however often they stand in the table. */
export interface WordValues {
  readonly words: readonly string[];
  /** Places in `words`; −1: empty. */
  readonly codes: Int32Array;
}

/** Lists of one length, one after the other. */
export interface ListValues {
  readonly width: number;
  readonly values: Float32Array;
}

/** The cells of one column, as its type has them; of numbers that are none, and null, the cell is empty. */
export interface ValuesOf {
  readonly VARCHAR: WordValues | readonly (string | null)[];
  readonly INTEGER: Int32Array;
  readonly DOUBLE: Float64Array;
  readonly FLOAT: Float32Array;
  /** 0 or 1. */
  readonly BOOLEAN: Uint8Array;
  readonly "FLOAT[]": ListValues;
}

export type ColumnValues = ValuesOf[OutColumn["type"]];

/** Some rows of a table, column by column, in the order of its columns. */
export interface TableChunk {
  readonly rows: number;
  readonly columns: readonly ColumnValues[];
}

/** Writes a table's chunks into a file; `end` when there are no more, `close` in any case. */
export interface TableWriter {
  write(chunk: TableChunk): void;
  end(): void;
  close(): void;
}

const rowsAtOnce = 4096;

/** Rows as chunks of columns. */
export async function* chunksOfRows(
  columns: readonly OutColumn[],
  rows: Iterable<readonly Cell[]> | AsyncIterable<readonly Cell[]>,
): AsyncGenerator<TableChunk> {
  let held: (readonly Cell[])[] = [];
  const chunk = (): TableChunk => ({
    rows: held.length,
    columns: columns.map(({ type }, c) => valuesIn(type, held, c)),
  });
  for await (const row of rows) {
    held.push(row);
    if (held.length < rowsAtOnce) continue;
    yield chunk();
    held = [];
  }
  if (held.length > 0) yield chunk();
}

function valuesIn(type: OutColumn["type"], rows: readonly (readonly Cell[])[], at: number): ColumnValues {
  if (type === "VARCHAR") return rows.map((row) => textOf(row[at]));
  if (type === "FLOAT[]") return listsIn(rows, at);
  if (type === "BOOLEAN") return Uint8Array.from(rows, (row) => Number(row[at]));
  const numbers = rows.map((row) => (typeof row[at] === "number" ? row[at] : Number.NaN));
  if (type === "INTEGER") return Int32Array.from(numbers);
  return type === "FLOAT" ? Float32Array.from(numbers) : Float64Array.from(numbers);
}

const textOf = (cell: Cell | undefined): string | null => (cell === null || cell === undefined ? null : String(cell));

function listsIn(rows: readonly (readonly Cell[])[], at: number): ListValues {
  const lists = rows.map((row) => row[at] as Float32Array);
  const width = lists[0]?.length ?? 0;
  const values = new Float32Array(width * lists.length);
  lists.forEach((list, k) => values.set(list, k * width));
  return { width, values };
}
