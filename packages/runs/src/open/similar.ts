import { rankTopK } from "@gradpool/metrics";
import { chunksOf, rowsPerChunk } from "./chunks.js";
import type { Id, SimilarItems } from "./contract.js";
import type { Opened } from "./opened.js";
import { checkLength, listAt } from "./recommend.js";
import { embeddingsOf } from "./vectors.js";

/** The k items whose embeddings point most nearly the same way. */
export async function similarItems(run: Opened, ids: Iterable<Id>, k = 20): Promise<SimilarItems[]> {
  const asked = [...ids].map((id) => run.items.need(id));
  const others = run.items.all.length - 1;
  checkLength(run, k, others, `an item has ${others} others`);
  const { values, dim } = embeddingsOf(run, "items");
  const items = normalised(values, dim);
  const count = run.items.all.length;
  // Every item is left out of its own list.
  const exclude = {
    offsets: Int32Array.from({ length: count + 1 }, (_, n) => n),
    items: Int32Array.from({ length: count }, (_, n) => n),
  };
  const found: SimilarItems[] = [];
  for await (const chunk of chunksOf(asked, rowsPerChunk(count, dim))) {
    const top = rankTopK({ users: items, items, dim, k, exclude, userIds: Int32Array.from(chunk) });
    chunk.forEach((item, row) => found.push({ item: run.items.all[item] as string, items: listAt(run, top, row) }));
  }
  return found;
}

/** Rows of length 1; a row of zeros stays as it is. */
function normalised(values: Float32Array, dim: number): Float32Array {
  const out = values.slice();
  for (let from = 0; from < out.length; from += dim) {
    const row = out.subarray(from, from + dim);
    const length = Math.hypot(...row);
    if (length > 0) for (let d = 0; d < dim; d++) row[d] = (row[d] as number) / length;
  }
  return out;
}
