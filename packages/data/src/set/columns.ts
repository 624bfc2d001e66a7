import { globOf, text, type Duck } from "../tables/duck.js";
import type { Manifest } from "./manifest.js";

/** Whole columns of a set's Parquet files. */
export interface Columns {
  rowsOf(file: string): number;
  /** Fills `arrays` with `columns`, in the file's order; NULL becomes `empty`. */
  fill(
    file: string,
    columns: readonly string[],
    arrays: readonly { [row: number]: number }[],
    empty: number,
  ): Promise<void>;
}

export function createColumns(db: Duck, folder: string, manifest: Manifest): Columns {
  const rowsOf = (file: string): number => manifest.files.find((entry) => entry.name === file)?.rows ?? 0;
  async function fill(
    file: string,
    columns: readonly string[],
    arrays: readonly { [row: number]: number }[],
    empty: number,
  ): Promise<void> {
    let start = 0;
    const query = `SELECT ${columns.join(", ")} FROM read_parquet(${text(globOf(`${folder}/${file}`))}, file_row_number=true) ORDER BY file_row_number`;
    await db.columns(query, (chunk) => {
      for (const [c, array] of arrays.entries()) {
        for (let row = 0; row < chunk.rows; row++) array[start + row] = (chunk.get(c, row) as number | null) ?? empty;
      }
      start += chunk.rows;
    });
  }
  return { rowsOf, fill };
}
