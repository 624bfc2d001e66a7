import { openDuck, parquetAt } from "../tables/duck.js";
import { readManifest } from "./manifest-file.js";

/** The source's own ids, by dense id: for showing results to people. Of sets that other programs wrote they are the numbers themselves. */
export async function loadKeys(
  folder: string,
): Promise<{ readonly users: readonly string[]; readonly items: readonly string[] }> {
  const { tables, users, items } = await readManifest(folder);
  const db = await openDuck();
  try {
    const read = async (file: string, size: number): Promise<string[]> => {
      if (file === "") return Array.from({ length: size }, (_, id) => String(id));
      const keys: string[] = [];
      await db.columns(`SELECT key FROM ${parquetAt(`${folder}/${file}`)} ORDER BY id`, (chunk) => {
        for (let row = 0; row < chunk.rows; row++) keys.push(String(chunk.get(0, row)));
      });
      return keys;
    };
    return { users: await read(tables.users, users), items: await read(tables.items, items) };
  } finally {
    db.close();
  }
}

/** What the values of categorical features are called, by owner and feature. */
export type Vocabularies = Readonly<
  Record<"user" | "item" | "impression", Readonly<Record<string, readonly (string | undefined)[]>>>
>;

/** The names of the features' values, by dense value; those without a name (0, "missing") are undefined. */
export async function loadVocabularies(folder: string): Promise<Vocabularies> {
  const { tables } = await readManifest(folder);
  const found: Record<keyof Vocabularies, Record<string, (string | undefined)[]>> = {
    user: {},
    item: {},
    impression: {},
  };
  const db = await openDuck();
  try {
    for (const { entity, name, values, vocabulary } of tables.features) {
      if (values === undefined) continue;
      const keys = Array.from<string | undefined>({ length: vocabulary });
      await db.columns(`SELECT id, key FROM ${parquetAt(`${folder}/${values}`)}`, (chunk) => {
        for (let row = 0; row < chunk.rows; row++) keys[Number(chunk.get(0, row))] = String(chunk.get(1, row));
      });
      found[entity][name] = keys;
    }
    return found;
  } finally {
    db.close();
  }
}
