import { openDuck, parquetAt } from "../tables/duck.js";
import { readManifest } from "./read-manifest.js";

/** The source's own ids, by dense id: for showing results to people. */
export async function loadKeys(
  folder: string,
): Promise<{ readonly users: readonly string[]; readonly items: readonly string[] }> {
  const { tables } = await readManifest(folder);
  const db = await openDuck();
  try {
    const read = async (file: string): Promise<string[]> => {
      const keys: string[] = [];
      await db.columns(`SELECT key FROM ${parquetAt(`${folder}/${file}`)} ORDER BY id`, (chunk) => {
        for (let row = 0; row < chunk.rows; row++) keys.push(String(chunk.get(0, row)));
      });
      return keys;
    };
    return { users: await read(tables.users), items: await read(tables.items) };
  } finally {
    db.close();
  }
}
