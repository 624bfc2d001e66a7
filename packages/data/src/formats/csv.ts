import { columnOptions, readTable } from "./columns.js";
import { readCsvRows } from "./csv-rows.js";
import { inputs } from "./inputs.js";
import type { DataFormat } from "./reader.js";

/** Text with a header, one row an event or impression: one file, many, globs or folders. */
export const csv: DataFormat = {
  name: "csv",
  takes: { ...columnOptions, encoding: "NAME" },
  describe: "any table with a header; columns says which column holds what",
  read: (reading) => readTable(reading, readCsvRows, inputs(reading, csv)),
};
