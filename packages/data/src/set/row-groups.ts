import { problem } from "../errors.js";
import { globOf, text, type Duck } from "../tables/duck.js";

/** Rows of a file that are read together, by their numbers in it: from `start` to before `end`. */
export interface RowGroup {
  /** Its path in the set's folder. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  /** How many of them belong to the part. */
  readonly rows: number;
}

/** A row group of more rows than this is read in pieces: what is held at once must not depend on who wrote the file. */
const mostRows = 1 << 18;

/** The row groups of files, in their order, as the footers say. Errors: `damaged` for a file without a readable footer. */
export async function rowGroups(db: Duck, folder: string, files: readonly string[]): Promise<RowGroup[]> {
  const groups: RowGroup[] = [];
  for (const file of files) {
    const sizes = await db
      .rows(
        `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(${text(globOf(`${folder}/${file}`))}) ORDER BY 1`,
      )
      .catch((error: unknown) => {
        throw problem("damaged", "a file of rows cannot be read", `${folder}/${file}`, "write it again", error);
      });
    let start = 0;
    for (const [, size] of sizes) {
      const end = start + Number(size);
      for (; start < end; start = Math.min(end, start + mostRows)) {
        const to = Math.min(end, start + mostRows);
        groups.push({ file, start, end: to, rows: to - start });
      }
    }
  }
  return groups;
}

/** The same of one part of files that hold several: groups without a row of it are left out. */
export async function rowGroupsOfPart(
  db: Duck,
  folder: string,
  files: readonly string[],
  part: number,
): Promise<RowGroup[]> {
  const found: RowGroup[] = [];
  for (const group of await rowGroups(db, folder, files)) {
    const rows = await db.number(`SELECT count(*) FROM ${rowsIn(folder, group)} AND part = ${part}`);
    if (rows > 0) found.push({ ...group, rows });
  }
  return found;
}

/** The rows of a group in SQL, with `file_row_number`; further conditions go behind an AND. */
export const rowsIn = (folder: string, { file, start, end }: RowGroup): string =>
  `read_parquet(${text(globOf(`${folder}/${file}`))}, file_row_number=true) WHERE file_row_number >= ${start} AND file_row_number < ${end}`;
