import { list, name } from "../tables/duck.js";
import { checkFile } from "../tables/sources.js";
import { columnOptions, mustHave, readTable, type Uses } from "./columns.js";
import { inputFiles } from "./inputs.js";
import type { DataFormat, Reading } from "./reader.js";

async function readRows(reading: Reading, uses: Uses): Promise<void> {
  const { db } = reading;
  const files = await inputFiles(reading, parquet, [".parquet"]);
  for (const file of files) reading.source(await checkFile(file, true));
  reading.progress("read", `${files.length} files`);
  // Hive-style folders (behavior=buy/…) become columns; a column missing from one file is NULL there.
  const reader = `read_parquet(${list(files)}, union_by_name=true, hive_partitioning=true)`;
  const described = await db.rows(`DESCRIBE SELECT * FROM ${reader}`);
  const types = new Map(described.map(([column, type]) => [String(column), String(type)]));
  mustHave(uses, [...types.keys()], files[0] as string);
  const selected = [...uses].map(([column, use]) => {
    const whole = /^U?(TINY|SMALL|BIG)?INT(EGER)?$/.test(types.get(column) ?? "");
    const type = use === "number" ? "DOUBLE" : use === "id" && whole ? "BIGINT" : "VARCHAR";
    return `CAST(${name(column)} AS ${use === "time" && (whole || types.get(column) === "DOUBLE") ? "DOUBLE" : type}) AS ${name(column)}`;
  });
  const ids = [...uses].filter(([, use]) => use === "id").map(([column]) => `${name(column)} IS NULL`);
  const bad =
    await db.rows(`SELECT filename, file_row_number FROM read_parquet(${list(files)}, union_by_name=true, hive_partitioning=true, filename=true, file_row_number=true)
    WHERE ${ids.join(" OR ")} ORDER BY ALL`);
  for (const [file, row] of bad) reading.malformed.add(String(file), Number(row) + 1, "an id is missing");
  await db.run(`CREATE TABLE rows AS SELECT ${selected.join(", ")} FROM ${reader} WHERE NOT (${ids.join(" OR ")})`);
  reading.malformed.read(await db.number("SELECT count(*) FROM rows"));
}

/** Parquet, one row an event or impression: one file, many, globs or folders, Hive partitions as columns. */
export const parquet: DataFormat = {
  name: "parquet",
  takes: columnOptions,
  describe: "any table; columns says which column holds what",
  read: (reading) => readTable(reading, readRows),
};
