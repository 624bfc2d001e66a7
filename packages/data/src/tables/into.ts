import { name } from "./duck.js";
import type { Workspace } from "./workspace.js";

/** The table that rows go to: `SELECT ${select} FROM` them. */
export interface Into {
  readonly table: string;
  readonly select: string;
  /** Add to a table that is there. */
  readonly append?: boolean;
}

/** Runs `query` into a table. */
export function fill({ db }: Workspace, { table, append }: Into, query: string): Promise<void> {
  return db.run(append ? `INSERT INTO ${name(table)} ${query}` : `CREATE OR REPLACE TABLE ${name(table)} AS ${query}`);
}
