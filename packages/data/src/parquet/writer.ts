import type { ListValues, OutColumn, TableChunk, TableWriter } from "../columns/chunks.js";
import type { OutFile } from "../tables/out-file.js";
import { writeColumn } from "./column.js";
import { schemaOf } from "./schema.js";
import { binary, i32, i64, list, struct, structType, type Thrift } from "./thrift.js";

/** A row group is written when so many rows, or so many numbers of lists, are waiting. */
const groupRows = 122_880;
const groupNumbers = 1 << 22;

const magic = Buffer.from("PAR1");

/**
 * A Parquet file, written a row group at a time: flat columns and lists of floats, whose cells may be empty, by dictionaries where words
 * recur. What DuckDB would need a working file or a table for, and twice the time: ids are encoded once.
 */
export function parquetWriter(file: OutFile, columns: readonly OutColumn[]): TableWriter {
  const groups: Thrift[] = [];
  let held: TableChunk[] = [];
  let [rows, waiting, numbers] = [0, 0, 0];

  function flush(): void {
    const from = file.at;
    const written = columns.map((column, at) => writeColumn(file, column, held, at));
    groups.push(
      struct({
        1: list(
          structType,
          written.map(({ about }) => about),
        ),
        2: i64(written.reduce((sum, { size }) => sum + size, 0)),
        3: i64(waiting),
        5: i64(from),
      }),
    );
    held = [];
    [waiting, numbers] = [0, 0];
  }
  file.write(magic);
  return {
    write(chunk: TableChunk): void {
      held.push(chunk);
      rows += chunk.rows;
      waiting += chunk.rows;
      for (const values of chunk.columns) numbers += (values as Partial<ListValues>).values?.length ?? 0;
      if (waiting >= groupRows || numbers >= groupNumbers) flush();
    },
    end(): void {
      if (waiting > 0) flush();
      const footer = struct({
        1: i32(1),
        2: schemaOf(columns),
        3: i64(rows),
        4: list(structType, groups),
        6: binary("gradpool"),
      });
      const length = Buffer.alloc(4);
      length.writeUInt32LE(footer.bytes.length);
      file.write(Buffer.concat([Uint8Array.from(footer.bytes), length, magic]));
    },
    close: () => file.close(),
  };
}
