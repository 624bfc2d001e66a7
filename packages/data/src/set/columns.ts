import { globOf, text, type Duck } from "../tables/duck.js";
import type { Manifest } from "./manifest.js";
import type { Bags } from "./prepared-set.js";

/** Whole columns of a set's Parquet files. */
export interface Columns {
  rowsOf(file: string): number;
  /** Fills `arrays` with `columns` of the rows that `where` keeps, in the file's order; NULL becomes `empty`. */
  fill(
    file: string,
    columns: readonly string[],
    arrays: readonly { [row: number]: number }[],
    empty: number,
    where?: string,
  ): Promise<void>;
  /** A column of lists, of `rows` rows. */
  bags(file: string, column: string, rows: number, where: string): Promise<Bags>;
}

export function createColumns(db: Duck, folder: string, manifest: Manifest): Columns {
  const rowsOf = (file: string): number => manifest.files.find((entry) => entry.name === file)?.rows ?? 0;
  async function fill(
    file: string,
    columns: readonly string[],
    arrays: readonly { [row: number]: number }[],
    empty: number,
    where = "",
  ): Promise<void> {
    let start = 0;
    const query = `SELECT ${columns.join(", ")} FROM read_parquet(${text(globOf(`${folder}/${file}`))}, file_row_number=true) ${where} ORDER BY file_row_number`;
    await db.columns(query, (chunk) => {
      for (const [c, array] of arrays.entries()) {
        for (let row = 0; row < chunk.rows; row++) array[start + row] = (chunk.get(c, row) as number | null) ?? empty;
      }
      start += chunk.rows;
    });
  }
  async function bags(file: string, column: string, rows: number, where: string): Promise<Bags> {
    const source = `read_parquet(${text(globOf(`${folder}/${file}`))}, file_row_number=true)`;
    const offsets = new Int32Array(rows + 1);
    let row = 0;
    await db.columns(`SELECT len(${column}) FROM ${source} ${where} ORDER BY file_row_number`, (chunk) => {
      for (let k = 0; k < chunk.rows; k++, row++) offsets[row + 1] = (offsets[row] as number) + Number(chunk.get(0, k));
    });
    const ids = new Int32Array(offsets[rows] as number);
    let at = 0;
    const values = `SELECT unnest(${column}) AS value, generate_subscripts(${column}, 1) AS place, file_row_number FROM ${source} ${where}`;
    await db.columns(`SELECT value FROM (${values}) ORDER BY file_row_number, place`, (chunk) => {
      for (let k = 0; k < chunk.rows; k++) ids[at++] = chunk.get(0, k) as number;
    });
    return { offsets, ids };
  }
  return { rowsOf, fill, bags };
}
