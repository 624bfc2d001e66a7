import { given } from "@gradpool/core";
import type { CategoricalField, ImpressionsBatch, Sampler } from "./batches.js";
import { problem } from "../errors.js";
import { missingLabel, type Feature, type PreparedSet } from "../set/prepared-set.js";
import { createSampler, type SamplerOptions } from "./engine.js";
import { inputNames, type Measure, measured, measureOf, ownerIds } from "./measures.js";

export interface ImpressionsSamplerOptions extends SamplerOptions {
  /** Which part; default `train`. */
  readonly part?: "train" | "valid" | "test";
  /** Default: shuffled for training, in order otherwise. */
  readonly shuffle?: boolean;
  /** Default: every task of the set. */
  readonly tasks?: readonly string[];
  /** Names of categorical and numerical features to hand out, besides `user` and `item`. Default: all. */
  readonly features?: readonly string[];
  /** What numerical features are standardised by, by name. Default: their mean and deviation over the training rows. */
  readonly measures?: Readonly<Record<string, Measure>>;
}

interface Writer {
  /** The field of a batch of `size` rows. */
  cut(size: number): CategoricalField;
  write(place: number, row: number): void;
}

function oneHot(
  name: string,
  vocabulary: number,
  capacity: number,
  ids: Int32Array,
  owners: Int32Array | undefined,
): Writer {
  const buffer = new Int32Array(capacity);
  const cut = (size: number): CategoricalField => ({
    kind: "one-hot",
    name,
    vocabulary,
    ids: buffer.subarray(0, size),
  });
  return {
    cut,
    write: (place, row) => {
      buffer[place] = ids[owners ? (owners[row] as number) : row] as number;
    },
  };
}

function multiHot(feature: Feature & { kind: "multi-hot" }, capacity: number, owners: Int32Array | undefined): Writer {
  const { name, vocabulary, offsets, ids, encoding } = feature;
  const pooling = encoding?.kind === "list" ? encoding.pooling : undefined;
  let largest = 0;
  for (let k = 0; k + 1 < offsets.length; k++)
    largest = Math.max(largest, (offsets[k + 1] as number) - (offsets[k] as number));
  const buffer = new Int32Array(capacity * largest);
  const starts = new Int32Array(capacity + 1);
  const cut = (size: number): CategoricalField => ({
    kind: "multi-hot",
    name,
    vocabulary,
    offsets: starts.subarray(0, size + 1),
    ids: buffer,
    ...given({ pooling }),
  });
  return {
    cut,
    write(place, row) {
      const owner = owners === undefined ? row : (owners[row] as number);
      let end = starts[place] as number;
      const to = offsets[owner + 1] as number;
      for (let k = offsets[owner] as number; k < to; k++) buffer[end++] = ids[k] as number;
      starts[place + 1] = end;
    },
  };
}

/**
 * Impressions with their features and labels. `user` and `item` are the first two fields (dense id, vocabulary
 * users and items), but for sides whose ids say nothing; then the categorical features of users, items and impressions in the set's order; numerical ones are
 * standardised by their mean and deviation over the training rows, whichever part is read. Nothing is sampled: an epoch is every row.
 *
 * @throws GradpoolError: `invalid-input` if the set holds no impressions, `invalid-option` for unknown tasks or features.
 */
export function impressionsSampler(set: PreparedSet, options: ImpressionsSamplerOptions): Sampler<ImpressionsBatch> {
  const { part = "train" } = options;
  const name = `impressions of ${part}`;
  const shown = set.impressions;
  if (!shown)
    throw problem("invalid-input", "the set holds no impressions", name, "prepare it with labels, or from wechat");
  const rows = shown[part];
  const tasks = options.tasks ?? shown.tasks;
  const columns = tasks.map((task) => {
    const labels = rows.labels[shown.tasks.indexOf(task)];
    if (labels) return labels;
    throw problem("invalid-option", `there is no task "${task}"`, "tasks", `give some of ${shown.tasks.join(", ")}`);
  });
  const features = (
    [
      [set.userFeatures, "user"],
      [set.itemFeatures, "item"],
      [rows.features, "row"],
    ] as const
  ).flatMap(([list, owner]) => list.map((feature, index) => ({ feature, owner, index })));
  const known = features.map(({ feature }) => feature.name);
  const unknown = options.features?.find((wanted) => !known.includes(wanted));
  if (unknown !== undefined) {
    throw problem("invalid-option", `there is no feature "${unknown}"`, "features", `give some of ${known.join(", ")}`);
  }
  const chosen = features.filter(({ feature }) => options.features?.includes(feature.name) ?? true);
  const capacity = options.batchSize;
  const writers: Writer[] = [];
  if (!shown.anonymous?.includes("user")) writers.push(oneHot("user", set.users, capacity, rows.users, undefined));
  if (!shown.anonymous?.includes("item")) writers.push(oneHot("item", set.items, capacity, rows.items, undefined));
  const numbers: { values: Float32Array; ids: Int32Array | undefined; measure: Measure }[] = [];
  const numericalNames: string[] = [];
  for (const { feature, owner, index } of chosen) {
    const ids = ownerIds(rows, owner);
    if (feature.kind === "one-hot") writers.push(oneHot(feature.name, feature.vocabulary, capacity, feature.ids, ids));
    else if (feature.kind === "multi-hot") writers.push(multiHot(feature, capacity, ids));
    else if (feature.kind === "numerical") {
      const trained = owner === "row" ? (shown.train.features[index] as typeof feature) : feature;
      const measure = options.measures?.[feature.name] ?? measureOf(trained, shown.train, owner);
      numbers.push({ values: feature.values, ids, measure });
      numericalNames.push(...inputNames(feature.name, measure));
    }
  }
  const users = new Int32Array(capacity);
  const width = numericalNames.length;
  const numerical = new Float32Array(capacity * width);
  const weights = rows.weights && new Float32Array(capacity);
  const labels = tasks.map(() => new Float32Array(capacity));
  const masks = tasks.map(() => new Uint8Array(capacity));
  return createSampler<ImpressionsBatch>({
    ...options,
    shuffle: options.shuffle ?? part === "train",
    kind: "impressions",
    name,
    length: rows.size,
    make: (size) => ({
      kind: "impressions",
      size,
      tasks,
      users: users.subarray(0, size),
      fields: writers.map((writer) => writer.cut(size)),
      numericalNames,
      numerical: numerical.subarray(0, size * width),
      labels: labels.map((column) => column.subarray(0, size)),
      masks: masks.map((column) => column.subarray(0, size)),
      ...given({ weights: weights?.subarray(0, size) }),
    }),
    fill(_batch, order, start, size) {
      for (let k = 0; k < size; k++) {
        const row = order[start + k] as number;
        users[k] = rows.users[row] as number;
        for (const writer of writers) writer.write(k, row);
        let place = k * width;
        for (const { values, ids, measure } of numbers) {
          const value = values[ids ? (ids[row] as number) : row] as number;
          const missing = Number.isNaN(value);
          numerical[place++] = missing ? 0 : measured(measure, value);
          if (measure.flag === true) numerical[place++] = missing ? 1 : 0;
        }
        if (weights !== undefined) weights[k] = rows.weights?.[row] as number;
        for (let t = 0; t < columns.length; t++) {
          const label = (columns[t] as Uint8Array)[row] as number;
          const missing = label === missingLabel;
          (labels[t] as Float32Array)[k] = missing ? 0 : label;
          (masks[t] as Uint8Array)[k] = missing ? 0 : 1;
        }
      }
    },
  });
}
