import { type Feature, type ImpressionsBatch, inputNames, measured, type MultiHotField } from "@gradpool/data";
import type { Opened } from "./opened.js";
import { readFeature, type WrittenRow } from "./read-feature.js";

/** A row of a new user or item, and its place in the batch. */
export interface Newcomer extends WrittenRow {
  readonly place: number;
}

/** The batch in which new users and items have the features that their rows give; what these leave out is missing. */
export function withNewcomers(
  run: Opened,
  batch: ImpressionsBatch,
  newcomers: Readonly<Record<"user" | "item", readonly Newcomer[]>>,
): ImpressionsBatch {
  const { set } = run.data;
  let fields = batch.fields;
  for (const [entity, features] of [
    ["user", set.userFeatures],
    ["item", set.itemFeatures],
  ] as const) {
    const rows = newcomers[entity];
    if (rows.length === 0) continue;
    for (const feature of features) {
      const read = readFeature(run, entity, feature, rows);
      if (read.kind === "numerical") setNumbers(run, batch, read, rows);
      fields = fields.map((field) => {
        if (field.name !== feature.name) return field;
        if (field.kind === "multi-hot")
          return read.kind === "multi-hot" ? withBags(field, batch.size, read, rows) : field;
        if (read.kind === "one-hot") rows.forEach(({ place }, k) => (field.ids[place] = read.ids[k] as number));
        return field;
      });
    }
  }
  return { ...batch, fields };
}

function setNumbers(
  { data }: Opened,
  { numerical, numericalNames }: ImpressionsBatch,
  { name, values }: Extract<Feature, { kind: "numerical" }>,
  rows: readonly Newcomer[],
): void {
  const measure = data.measures[name] ?? { mean: 0, scale: 1 };
  const [at, flag] = inputNames(name, measure).map((one) => numericalNames.indexOf(one));
  rows.forEach(({ place }, k) => {
    const value = values[k] as number;
    const row = place * numericalNames.length;
    numerical[row + (at as number)] = Number.isNaN(value) ? 0 : measured(measure, value);
    if (flag !== undefined) numerical[row + flag] = Number.isNaN(value) ? 1 : 0;
  });
}

function withBags(
  field: MultiHotField,
  size: number,
  read: Extract<Feature, { kind: "multi-hot" }>,
  rows: readonly Newcomer[],
): MultiHotField {
  const own = new Map(rows.map(({ place }, k) => [place, k]));
  const bags = Array.from({ length: size }, (_, row) => {
    const k = own.get(row);
    return k === undefined
      ? field.ids.subarray(field.offsets[row], field.offsets[row + 1])
      : read.ids.subarray(read.offsets[k], read.offsets[k + 1]);
  });
  const offsets = new Int32Array(size + 1);
  bags.forEach((bag, row) => (offsets[row + 1] = (offsets[row] as number) + bag.length));
  const ids = new Int32Array(offsets[size] as number);
  bags.forEach((bag, row) => ids.set(bag, offsets[row]));
  return { ...field, offsets, ids };
}
