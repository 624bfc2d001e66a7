import type { Batch, CategoricalField } from "./batches.js";

/** Rows of a batch, as a batch: views of it. */
interface Cut {
  readonly from: number;
  readonly to: number;
}

/**
 * One batch as `parts` disjoint ones of nearly the same size, in its order, as views: they live as long as it does. A batch of fewer
 * examples than parts leaves the last ones empty.
 */
export function splitBatch<B extends Batch>(batch: B, parts: number): readonly B[] {
  return Array.from({ length: parts }, (_, k) => {
    const cut = { from: Math.ceil((k * batch.size) / parts), to: Math.ceil(((k + 1) * batch.size) / parts) };
    return cutBatch(batch, cut) as B;
  });
}

function cutBatch(batch: Batch, { from, to }: Cut): Batch {
  const size = to - from;
  const rows = <A extends Int32Array | Float32Array | Uint8Array>(values: A, width = 1): A =>
    values.subarray(from * width, to * width) as A;
  switch (batch.kind) {
    case "bpr": {
      const { users, positives, negatives, negativesPerPositive: each } = batch;
      return { ...batch, size, users: rows(users), positives: rows(positives), negatives: rows(negatives, each) };
    }
    case "pairs": {
      const { left, right, negatives, negativesPerPositive: each } = batch;
      return { ...batch, size, left: rows(left), right: rows(right), negatives: rows(negatives, each) };
    }
    case "pointwise":
      return { ...batch, size, users: rows(batch.users), items: rows(batch.items), labels: rows(batch.labels) };
    case "rating":
      return { ...batch, size, users: rows(batch.users), items: rows(batch.items), ratings: rows(batch.ratings) };
    case "joint":
      return {
        ...batch,
        size,
        users: rows(batch.users),
        items: rows(batch.items),
        labels: batch.labels.map((column) => rows(column)),
        masks: batch.masks.map((column) => rows(column)),
      };
    case "impressions":
      return {
        ...batch,
        size,
        users: rows(batch.users),
        fields: batch.fields.map((field) => cutField(field, { from, to })),
        numerical: rows(batch.numerical, batch.numericalNames.length),
        labels: batch.labels.map((column) => rows(column)),
        masks: batch.masks.map((column) => rows(column)),
        ...(batch.weights === undefined ? {} : { weights: rows(batch.weights) }),
      };
  }
}

/** Offsets begin at 0 in each part: ids of the others are none of its. */
function cutField(field: CategoricalField, { from, to }: Cut): CategoricalField {
  if (field.kind === "one-hot") return { ...field, ids: field.ids.subarray(from, to) };
  const first = field.offsets[from] as number;
  const offsets = field.offsets.slice(from, to + 1).map((offset) => offset - first);
  return { ...field, offsets, ids: field.ids.subarray(first, field.offsets[to] as number) };
}
