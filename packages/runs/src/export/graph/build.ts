import { type ImpressionsBatch, impressionsSampler, type Measure } from "@gradpool/data";
import {
  type ForwardContext,
  type Lookup,
  mix,
  type Tensor,
  type TensorBatch,
  type TensorModel,
  type TensorOps,
} from "@gradpool/models";
import { keptNegatives, type KeptNegatives } from "../../evaluation/kept-negatives.js";
import type { TrainedRun } from "../../open/contract.js";
import { problem } from "../../open/errors.js";
import type { DenseGraph } from "./contract.js";
import { type FieldShape, slotsOf } from "./slots.js";
import { type Named, tracedRows, traceGraph } from "./trace.js";

/** What lists of a task are ranked by, among a graph's outputs. */
export const scoreName = (task: string): string => `score.${task}`;

/** What a graph calls tables. */
const endings: Readonly<Record<string, string>> = { table: ".weight", composed: ".composed" };

/** A name that no field of a batch has. */
const numericalInput = "numerical";

/**
 * A tensor model from the features of rows to each task's probability, by tracing its own forward pass. Inputs: an id per row for each
 * categorical feature, any number of them (0: none) for one with several values, the plain number for a numerical one (NaN: missing).
 * With `scores`, outputs beside are what lists of each task are ranked by.
 */
export function denseGraph(
  run: TrainedRun,
  tf: TensorOps,
  { scores = false }: { readonly scores?: boolean } = {},
): DenseGraph {
  const { model } = run;
  if (model.kind !== "tensor") {
    const what = `${model.name} has no dense layers`;
    throw problem(
      "unsupported",
      what,
      run.folder,
      "export it as safetensors, npy, parquet or tfjs: its scores are inner products",
    );
  }
  const { fields, numbers } = featuresOf(run);
  return traceGraph(tf, () => {
    const tensors = new Map(
      run.weightsByName().map(({ name, kind, shape, values }) => {
        return [
          name,
          // Rows with their features come after those without, and stand for them.
          {
            name: endings[kind] === undefined ? name : `${name}${endings[kind]}`,
            tensor: tf.tensor(values, [...shape]),
          },
        ] as const;
      }),
    );
    const ids = fields.map((field): Named => placeholder(tf, field));
    const plain = numbers.map(({ name }): Named => ({ name, tensor: tf.zeros([tracedRows]) }));
    const read = ids.map(({ tensor }, k) => idsOf(tf, tensor, fields[k] as Field));
    const weight = (name: string): Tensor => (tensors.get(name) as Named).tensor;
    const outputs = forward({ run, tf, model, fields, ids: read, plain, weight, scores });
    return { inputs: [...ids, ...plain], weights: [...tensors.values()], outputs };
  });
}

interface Forward {
  readonly run: TrainedRun;
  readonly tf: TensorOps;
  readonly model: TensorModel;
  readonly fields: readonly Field[];
  readonly ids: readonly Tensor[];
  readonly plain: readonly Named[];
  readonly scores: boolean;
  weight(name: string): Tensor;
}

function forward({ run, tf, model, fields, ids, plain, weight, scores }: Forward): Named[] {
  const owners = new Map(model.tables.map(({ name, owner = null }) => [name, owner]));
  const blocks = new Map<string, { readonly owner: string | null; readonly parts: Tensor[] }>();
  const batch = (changed: number | null) => probe(run, fields, changed);
  for (const { lookup, slots } of slotsOf(model, fields, batch)) {
    const name = lookup.input ?? lookup.table;
    const held = blocks.get(name) ?? { owner: owners.get(lookup.table) ?? null, parts: [] };
    blocks.set(name, held);
    for (const { field, first } of slots)
      held.parts.push(rows(tf, weight(lookup.table), ids[field] as Tensor, first, lookup));
  }
  const shared: Record<string, Tensor> = {};
  const own: Record<string, Tensor> = {};
  for (const [name, { owner, parts }] of blocks) {
    (owner === null ? shared : own)[name] = parts.length === 1 ? (parts[0] as Tensor) : tf.concat(parts, 1);
  }
  if (plain.length > 0) {
    const columns = plain.flatMap(({ name, tensor }) => inputsOf(tf, tensor, run.data.measures[name]));
    own[numericalInput] = tf.concat(columns, 1);
    shared[numericalInput] = own[numericalInput];
  }
  const read = [...model.variables, ...(model.statistics ?? [])];
  const variables = Object.fromEntries(read.map(({ name }) => [name, weight(name)]));
  const context = evaluationContext(tf);
  const cut = model.trunk(tf, shared, variables, context);
  const heads = model.heads(tf, { ...own, ...cut }, variables, context);
  const answers = model.tasks.map(({ name, heads: outs = [name], objective }) => {
    const outputs = outs.map((head) => tf.reshape(heads[head] as Tensor, [-1]));
    const [first] = outputs as [Tensor];
    const tensor = objective === "bce" ? outputs.map((z) => tf.sigmoid(z)).reduce((p, q) => tf.mul(p, q)) : first;
    return { name, tensor, first, isProbability: objective === "bce" };
  });
  const corrected = correcting(tf, keptNegatives(run.data.set, run.config), answers);
  return answers.flatMap(({ name, tensor, first, isProbability }) => [
    { name, tensor: isProbability ? corrected(name, tensor) : tensor },
    ...(scores ? [{ name: scoreName(name), tensor: first }] : []),
  ]);
}

/** Probabilities of all rows from those of a set that kept some negatives: see `KeptNegatives`. */
function correcting(
  tf: TensorOps,
  kept: KeptNegatives | null,
  answers: readonly Named[],
): (task: string, p: Tensor) => Tensor {
  const covering = answers.find(({ name }) => name === kept?.covers)?.tensor;
  if (kept === null || covering === undefined) return (_, p) => p;
  const [one, share] = [tf.scalar(1), tf.scalar(kept.share)];
  const some = tf.mul(covering, share);
  const s = tf.div(some, tf.add(tf.sub(one, covering), some));
  const all = tf.add(s, tf.mul(share, tf.sub(one, s)));
  return (task, p) => (task === kept.covers ? s : kept.within.includes(task) ? p : tf.mul(p, all));
}

const evaluationContext = (tf: TensorOps): ForwardContext => ({
  training: false,
  dropout: (x) => x,
  gate: () => undefined,
  observe: () => undefined,
  mix: (weights, pieces) => mix(tf, weights, pieces.length === 1 ? (pieces[0] as never) : tf.concat([...pieces], 1)),
});

/** Rows of a table by the ids of a feature, [rows, dim]; of several values their mean or sum. */
function rows(tf: TensorOps, table: Tensor, ids: Tensor, first: number, { offsets, pooling = "mean" }: Lookup): Tensor {
  const places = first === 0 ? ids : tf.add(ids, tf.scalar(first, "int32"));
  if (offsets === undefined) return tf.gather(table, places as never);
  const there = tf.cast(tf.greater(ids, tf.scalar(0, "int32")), "float32");
  const sum = tf.sum(tf.mul(tf.gather(table, places as never), tf.expandDims(there, 2)), 1);
  return pooling === "sum" ? sum : tf.div(sum, tf.maximum(tf.sum(there, 1, true), tf.scalar(1)));
}

/** The inputs of a number: scaled, 0 where it is missing, and beside it, where the model has that, whether it is. */
function inputsOf(tf: TensorOps, x: Tensor, measure: Measure = { mean: 0, scale: 1 }): Tensor[] {
  const column = tf.expandDims(x, 1);
  const one = tf.scalar(1);
  const log = (side: Tensor): Tensor => tf.log(tf.add(tf.relu(side), one));
  const moved = measure.log === true ? tf.sub(log(column), log(tf.neg(column))) : column;
  const value = tf.mul(tf.sub(moved, tf.scalar(measure.mean)), tf.scalar(measure.scale));
  const missing = tf.isNaN(column);
  const input = tf.where(missing, tf.zerosLike(value), value);
  return measure.flag === true ? [input, tf.cast(missing, "float32")] : [input];
}

/** The ids of a field: as they are given, or the bucket of a number. */
function idsOf(tf: TensorOps, x: Tensor, { bounds }: Field): Tensor {
  if (bounds === undefined) return x;
  const column = tf.expandDims(x, 1);
  const passed = tf.cast(tf.greaterEqual(column, tf.tensor([...bounds], [1, bounds.length])), "float32");
  const bucket = tf.add(tf.sum(passed, 1), tf.scalar(1));
  return tf.cast(tf.where(tf.isNaN(x), tf.zerosLike(bucket), bucket), "int32");
}

const placeholder = (tf: TensorOps, { name, kind, bounds }: Field): Named =>
  bounds !== undefined
    ? { name, tensor: tf.zeros([tracedRows]) }
    : kind === "one-hot"
      ? { name, tensor: tf.zeros([tracedRows], "int32") }
      : { name, tensor: tf.zeros([tracedRows, 3], "int32"), shape: [-1, -2] };

/** A field, with the bounds of its buckets where it is given as a number. */
interface Field extends FieldShape {
  readonly bounds?: readonly number[];
}

/** A numerical feature. */
interface Numbers {
  readonly name: string;
}

function featuresOf(run: TrainedRun): { readonly fields: readonly Field[]; readonly numbers: readonly Numbers[] } {
  const { set } = run.data;
  if (run.ranks || set.impressions === undefined) {
    const pair = ["user", "item"] as const;
    return {
      fields: pair.map((name) => ({ name, kind: "one-hot", vocabulary: name === "user" ? set.users : set.items })),
      numbers: [],
    };
  }
  const shown = firstBatch(run);
  const features = [...set.userFeatures, ...set.itemFeatures, ...set.impressions.train.features];
  return {
    fields: shown.fields.map(({ name, kind, vocabulary }) => {
      const encoding = features.find((feature) => feature.name === name)?.encoding;
      return { name, kind, vocabulary, ...(encoding?.kind === "buckets" && { bounds: encoding.bounds }) };
    }),
    numbers: features.filter(({ kind }) => kind === "numerical"),
  };
}

const firstBatch = (run: TrainedRun): ImpressionsBatch => {
  const { tasks } = run.config;
  return impressionsSampler(run.data.set, { tasks, batchSize: 1, shuffle: false, measures: run.data.measures }).next();
};

/** Two rows of which all ids are 0, but for those of one field, which are 1. */
function probe(run: TrainedRun, fields: readonly Field[], changed: number | null): TensorBatch {
  const size = 2;
  const tasks = run.tasks;
  const idOf = (field: number): Int32Array => new Int32Array(size).fill(field === changed ? 1 : 0);
  const labels = tasks.map(() => new Float32Array(size));
  const masks = tasks.map(() => new Uint8Array(size));
  if (run.ranks || run.data.set.impressions === undefined) {
    return { kind: "joint", size, tasks, users: idOf(0), items: idOf(1), labels, masks };
  }
  return {
    kind: "impressions",
    size,
    tasks,
    users: idOf(0),
    fields: fields.map((field, k) =>
      field.kind === "one-hot"
        ? { kind: "one-hot", name: field.name, vocabulary: field.vocabulary, ids: idOf(k) }
        : {
            kind: "multi-hot",
            name: field.name,
            vocabulary: field.vocabulary,
            ids: idOf(k),
            offsets: Int32Array.of(0, 1, 2),
          },
    ),
    numericalNames: [],
    numerical: new Float32Array(0),
    labels,
    masks,
  };
}
