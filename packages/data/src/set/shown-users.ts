import { openDuck, parquetAt } from "../tables/duck.js";
import type { PartName, PreparedSet } from "./prepared-set.js";

/** The users whom a part shows rows of, ascending. */
export async function usersShown({ impressions }: PreparedSet, part: PartName): Promise<Int32Array> {
  const streamed = impressions?.streamed;
  if (streamed === undefined) return Int32Array.from(new Set(impressions?.[part].users ?? [])).sort();
  const { column } = streamed.columns.users;
  if (column === null) return Int32Array.of(0);
  const number = streamed.parts[part];
  const where = number === null ? "" : ` WHERE part = ${number}`;
  const users = new Set<number>();
  const db = await openDuck();
  try {
    for (const file of new Set(streamed.groups[part].map((group) => group.file))) {
      const source = parquetAt(`${streamed.folder}/${file}`);
      await db.columns(`SELECT DISTINCT CAST(${column} AS INTEGER) FROM ${source}${where}`, (chunk) => {
        const found = chunk.numbers(0);
        for (let row = 0; row < chunk.rows; row++) users.add(Number(found[row]));
      });
    }
  } finally {
    db.close();
  }
  return Int32Array.from(users).sort();
}
