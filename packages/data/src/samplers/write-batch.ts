import { measured } from "../set/measure.js";
import { missingLabel, type Bags, type Feature, type Impressions } from "../set/prepared-set.js";
import type { BatchArrays } from "./batch-arrays.js";
import type { BatchPlan, NumberPlan, ValueSource } from "./plan.js";

/** What rows are made into batches of: themselves, and the features of their users and items. */
export interface Rows {
  readonly rows: Impressions;
  readonly userFeatures: readonly Feature[];
  readonly itemFeatures: readonly Feature[];
}

/** Which rows go where: those of `order` from `start` on, `size` of them, to the batch's places from `place` on. */
export interface Span {
  readonly order: Int32Array;
  readonly start: number;
  readonly size: number;
  readonly place: number;
}

/** Writes rows into a batch, column by column. Those of one batch are written from its first place on, without gaps. */
export function writeBatch(plan: BatchPlan, from: Rows, to: BatchArrays, span: Span): void {
  const { rows } = from;
  pickIds(rows.users, to.users, span);
  for (const [k, { source }] of plan.fields.entries()) {
    const { ids, offsets } = to.fields[k] as BatchArrays["fields"][number];
    if (source.of === "id") pickIds(source.owner === "user" ? rows.users : rows.items, ids, span);
    else {
      const { feature, owners } = featureOf(from, source);
      if (feature.kind === "multi-hot") pickBags(feature, owners, ids, offsets as Int32Array, span);
      else if (feature.kind === "one-hot" && owners === undefined) pickIds(feature.ids, ids, span);
      else if (feature.kind === "one-hot" && owners !== undefined) pickOwned(feature.ids, owners, ids, span);
    }
  }
  writeNumbers(plan, from, to.numerical, span);
  if (to.weights !== undefined && rows.weights !== undefined) pickWeights(rows.weights, to.weights, span);
  for (const [t, label] of plan.labels.entries()) {
    pickLabels(rows.labels[label] as Uint8Array, to.labels[t] as Float32Array, to.masks[t] as Uint8Array, span);
  }
}

function featureOf(
  { rows, userFeatures, itemFeatures }: Rows,
  source: Extract<ValueSource, { of: "feature" }>,
): { readonly feature: Feature; readonly owners: Int32Array | undefined } {
  const { owner, index } = source;
  if (owner === "row") return { feature: rows.features[index] as Feature, owners: undefined };
  return owner === "user"
    ? { feature: userFeatures[index] as Feature, owners: rows.users }
    : { feature: itemFeatures[index] as Feature, owners: rows.items };
}

/** One function for each type of array: engines compile what sees one type only far better. */
function pickIds(values: Int32Array, to: Int32Array, { order, start, size, place }: Span): void {
  for (let k = 0; k < size; k++) to[place + k] = values[order[start + k] as number] as number;
}

function pickOwned(values: Int32Array, owners: Int32Array, to: Int32Array, { order, start, size, place }: Span): void {
  for (let k = 0; k < size; k++) to[place + k] = values[owners[order[start + k] as number] as number] as number;
}

function pickWeights(values: Float32Array, to: Float32Array, { order, start, size, place }: Span): void {
  for (let k = 0; k < size; k++) to[place + k] = values[order[start + k] as number] as number;
}

function pickBags(
  { offsets, ids }: Bags,
  owners: Int32Array | undefined,
  to: Int32Array,
  starts: Int32Array,
  { order, start, size, place }: Span,
): void {
  if (place === 0) starts[0] = 0;
  for (let k = 0; k < size; k++) {
    const row = order[start + k] as number;
    const owner = owners === undefined ? row : (owners[row] as number);
    let end = starts[place + k] as number;
    const last = offsets[owner + 1] as number;
    for (let at = offsets[owner] as number; at < last; at++) to[end++] = ids[at] as number;
    starts[place + k + 1] = end;
  }
}

function pickLabels(
  column: Uint8Array,
  labels: Float32Array,
  masks: Uint8Array,
  { order, start, size, place }: Span,
): void {
  for (let k = 0; k < size; k++) {
    const label = column[order[start + k] as number] as number;
    const missing = label === missingLabel;
    labels[place + k] = missing ? 0 : label;
    masks[place + k] = missing ? 0 : 1;
  }
}

function writeNumbers(
  { numbers, numericalNames: { length: width } }: BatchPlan,
  from: Rows,
  to: Float32Array,
  span: Span,
): void {
  let column = 0;
  for (const number of numbers) {
    writeNumber(number, from, to, { column, width }, span);
    column += number.measure.flag === true ? 2 : 1;
  }
}

function writeNumber(
  { measure, source }: NumberPlan,
  from: Rows,
  to: Float32Array,
  { column, width }: { readonly column: number; readonly width: number },
  { order, start, size, place }: Span,
): void {
  if (source.of === "id") return;
  const { feature, owners } = featureOf(from, source);
  if (feature.kind !== "numerical") return;
  const { values } = feature;
  for (let k = 0; k < size; k++) {
    const row = order[start + k] as number;
    const value = values[owners === undefined ? row : (owners[row] as number)] as number;
    const missing = Number.isNaN(value);
    const at = (place + k) * width + column;
    to[at] = missing ? 0 : measured(measure, value);
    if (measure.flag === true) to[at + 1] = missing ? 1 : 0;
  }
}
