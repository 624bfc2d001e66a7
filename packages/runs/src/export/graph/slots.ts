import type { Lookup, TensorBatch, TensorModel } from "@gradpool/models";

export interface FieldShape {
  readonly name: string;
  readonly kind: "one-hot" | "multi-hot";
  readonly vocabulary: number;
}

/** What one place of a lookup's row reads: the row `first` + id of a field. */
export interface Slot {
  readonly field: number;
  readonly first: number;
}

/**
 * Which field each place of each lookup reads, found by asking the model which rows it reads when one field's ids change. `batch`
 * makes two rows of zeros, but for one field's ids, which are 1.
 */
export function slotsOf(
  model: TensorModel,
  fields: readonly FieldShape[],
  batch: (changed: number | null) => TensorBatch,
): readonly { readonly lookup: Lookup; readonly slots: readonly Slot[] }[] {
  const read = (changed: number | null) =>
    model.lookups(batch(changed)).map((lookup) => ({ lookup, ids: [...lookup.ids.subarray(0, placesOf(lookup))] }));
  const zero = read(null);
  const changed = fields.map((_, field) => read(field));
  return zero.map(({ lookup, ids }, k) => ({
    lookup,
    slots: ids.map((first, place) => {
      const field = changed.findIndex((lookups) => lookups[k]?.ids[place] !== first);
      return { field: Math.max(0, field), first };
    }),
  }));
}

/** Rows of the table that lie side by side in a row of the input. */
const placesOf = ({ size, offsets }: Lookup): number => (offsets === undefined ? size / 2 : 1);
