import { columnOptions, readTable } from "./columns.js";
import { inputs } from "./inputs.js";
import { readParquetRows } from "./parquet-rows.js";
import type { DataFormat } from "./reader.js";

/** Parquet, one row an event or impression: one file, many, globs or folders, Hive partitions as columns. */
export const parquet: DataFormat = {
  name: "parquet",
  takes: columnOptions,
  describe: "any table; columns says which column holds what",
  read: (reading) => readTable(reading, readParquetRows, inputs(reading, parquet)),
};
