import { extname } from "node:path";
import { fillFile } from "@gradpool/files";
import { problem } from "../errors.js";
import { type Cell, chunksOfRows, type OutColumn, type TableChunk } from "../columns/chunks.js";
import { openOut, type OutFile } from "../tables/out-file.js";
import { parquetWriter } from "../parquet/writer.js";
import { csv, jsonl, textWriter } from "./text.js";

export type { OutColumn };

const writers = {
  ".parquet": parquetWriter,
  ".csv": (file: OutFile, columns: readonly OutColumn[]) => textWriter(file, columns, csv(columns)),
  ".jsonl": (file: OutFile, columns: readonly OutColumn[]) => textWriter(file, columns, jsonl(columns)),
};

/** What a table can be written as, by the ending of its name. */
export const tableFormats: readonly string[] = Object.keys(writers);

/**
 * Writes rows, a cell a column, as they come: a stream of any length takes no more memory than some thousands of its rows. The file
 * appears when it is whole, or not at all. Answers with the number of rows.
 *
 * @throws GradpoolError: `usage` for another ending, `failed` where it cannot be written; what the rows throw.
 */
export const writeTable = (
  path: string,
  columns: readonly OutColumn[],
  rows: Iterable<readonly Cell[]> | AsyncIterable<readonly Cell[]>,
): Promise<number> => writeChunks(path, columns, chunksOfRows(columns, rows));

/** {@link writeTable} of rows that come column by column. */
export async function writeChunks(
  path: string,
  columns: readonly OutColumn[],
  chunks: Iterable<TableChunk> | AsyncIterable<TableChunk>,
): Promise<number> {
  const format = extname(path).toLowerCase();
  if (!(format in writers)) {
    const remedy = `give a file that ends in ${tableFormats.join(", ")}`;
    throw problem("usage", `${path} is no name of a table`, "out", remedy);
  }
  const lists = columns.find(({ type }) => type === "FLOAT[]");
  if (lists !== undefined && format !== ".parquet")
    throw problem("usage", `${lists.name} is a column of lists`, path, "give a file that ends in .parquet");
  return fillFile(path, "give a folder that is there, with room", async (temporary) => {
    const writer = writers[format as keyof typeof writers](openOut(temporary, path), columns);
    let count = 0;
    try {
      for await (const chunk of chunks) {
        writer.write(chunk);
        count += chunk.rows;
      }
      writer.end();
    } finally {
      writer.close();
    }
    return count;
  });
}
