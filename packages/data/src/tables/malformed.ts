import { basename } from "node:path";
import { problem } from "../errors.js";

/** A row that could not be read. */
export interface MalformedRow {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** Counts rows read and rows refused; remembers the first five, by file as first met and line. */
export interface MalformedLog {
  readonly count: number;
  readonly first: readonly MalformedRow[];
  add(path: string, line: number, reason: string): void;
  /** Rows refused besides, that are not shown. */
  more(rows: number): void;
  read(rows: number): void;
  /** Fails if too many rows were refused: any at all when strict, else more than 1 % of those read. */
  check(strict: boolean): void;
}

export function createMalformedLog(): MalformedLog {
  const first: MalformedRow[] = [];
  const files: string[] = [];
  let count = 0;
  let good = 0;
  return {
    get count() {
      return count;
    },
    first,
    add(path, line, reason) {
      count++;
      const file = basename(path);
      if (!files.includes(file)) files.push(file);
      const after = (row: MalformedRow): boolean =>
        files.indexOf(row.file) > files.indexOf(file) || (row.file === file && row.line > line);
      const place = first.findIndex(after);
      first.splice(place < 0 ? first.length : place, 0, { file, line, reason: reason.replaceAll(/[\r\n]+/g, " ") });
      first.length = Math.min(first.length, 5);
    },
    more(rows) {
      count += rows;
    },
    read(rows) {
      good += rows;
    },
    check(strict) {
      if (count === 0 || (!strict && count <= 0.01 * (good + count))) return;
      const where = first.map(({ file, line, reason }) => `${file}:${line} ${reason}`).join("; ");
      const remedy = strict ? "mend them, or leave `strict` out" : "check that the format and the columns fit the file";
      throw problem("invalid-input", `${count} of ${good + count} rows are malformed`, where, remedy);
    },
  };
}
