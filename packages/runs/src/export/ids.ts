import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeChunks } from "@gradpool/data";
import type { Side, TrainedRun } from "../open/contract.js";

/** `ids.users.parquet`, `ids.items.parquet`: `row` of the embeddings, and the `id` that the source files have. */
export async function writeIds(run: TrainedRun, folder: string): Promise<void> {
  for (const side of ["users", "items"] as const satisfies readonly Side[]) {
    const columns = [
      { name: "row", type: "INTEGER" },
      { name: "id", type: "VARCHAR" },
    ] as const;
    const ids = run.ids(side);
    const chunk = { rows: ids.length, columns: [Int32Array.from(ids.keys()), ids] };
    await writeChunks(join(folder, `ids.${side}.parquet`), columns, [chunk]);
  }
}

/**
 * `vocabularies.json`: by feature, its values by number; 0 is "missing or unknown". Users and items are in their own files. Beside it
 * `encodings.json`, where the set was told what its features are: how their values became numbers.
 */
export function writeVocabularies({ data }: TrainedRun, folder: string): void {
  const { user, item, impression } = data.vocabularies;
  writeFileSync(join(folder, "vocabularies.json"), `${JSON.stringify({ ...user, ...item, ...impression })}\n`);
  const { userFeatures, itemFeatures, impressions } = data.set;
  const features = [...userFeatures, ...itemFeatures, ...(impressions?.train.features ?? [])];
  const encoded = features.flatMap(({ name, encoding }) => {
    if (encoding === undefined) return [];
    return [[name, { ...encoding, ...data.measures[name] }] as const];
  });
  if (encoded.length === 0) return;
  writeFileSync(join(folder, "encodings.json"), `${JSON.stringify(Object.fromEntries(encoded), null, 2)}\n`);
}

const rowsAtOnce = 1 << 14;

/** `users.parquet`, `items.parquet`: `id` and `embedding`, a list of floats, as vector stores read them. */
export async function writeEmbeddings(run: TrainedRun, folder: string): Promise<void> {
  for (const side of ["users", "items"] as const) {
    const { ids, dim, values } = run.embeddings(side);
    const columns = [
      { name: "id", type: "VARCHAR" },
      { name: "embedding", type: "FLOAT[]" },
    ] as const;
    function* chunks() {
      for (let from = 0; from < ids.length; from += rowsAtOnce) {
        const some = ids.slice(from, from + rowsAtOnce);
        const list = { width: dim, values: values.subarray(from * dim, (from + rowsAtOnce) * dim) };
        yield { rows: some.length, columns: [some, list] };
      }
    }
    await writeChunks(join(folder, `${side}.parquet`), columns, chunks());
  }
}
