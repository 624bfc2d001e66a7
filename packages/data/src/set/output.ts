import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { ManifestFile } from "./manifest.js";
import type { Workspace } from "../tables/workspace.js";
import { parquetAt, text } from "../tables/duck.js";

/** Writes Parquet files into the new set's folder and remembers size, rows and hash of each. */
export interface Output {
  readonly folder: string;
  readonly files: readonly ManifestFile[];
  /**
   * The beginning of file names that nobody else has, from any text: what a name may not hold becomes `_`, and of two that
   * would be the same (whatever their case) the second gets a number.
   */
  base(prefix: string, label: string): string;
  /** `query` must end in an ORDER BY over all that distinguishes its rows; `group`: rows of a row group, 2²⁰. Returns the number of rows. */
  write(file: string, query: string, group?: number): Promise<number>;
}

const longest = 80;

/** A part of a file name made of any text. */
const slug = (value: string): string => value.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, longest);

export async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

export function createOutput(context: Pick<Workspace, "db" | "progress">, folder: string): Output {
  const files: ManifestFile[] = [];
  const taken = new Set<string>();
  return {
    folder,
    files,
    base(prefix, label) {
      const first = `${prefix}.${slug(label)}`;
      let found = first;
      for (let k = 2; taken.has(found.toLowerCase()); k++) found = `${first}-${k}`;
      taken.add(found.toLowerCase());
      return found;
    },
    async write(file, query, group = 1 << 20) {
      context.progress("write", file);
      const path = `${folder}/${file}`;
      await mkdir(dirname(path), { recursive: true });
      await context.db.run(
        `COPY (${query}) TO ${text(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${group})`,
      );
      const rows = await context.db.number(`SELECT count(*) FROM ${parquetAt(path)}`);
      files.push({ name: file, rows, ...(await hashFile(path)) });
      return rows;
    },
  };
}

/** Reads a written file back. */
export const written = (output: Output, file: string): string => parquetAt(`${output.folder}/${file}`);
