import type * as tfjs from "@tensorflow/tfjs-core";
import type { CategoricalField } from "@gradpool/data";
import { GradpoolError } from "@gradpool/core";
import { cross, crossSpecs, factorisation } from "./interactions.js";
import { dense, denseSpecs } from "./layers.js";
import type { Initializer, Lookup, TableSpec, TensorModel, TensorTask, VariableSpec } from "./model.js";
import { distinct, fraction, positive } from "./options.js";
import { hidden } from "./shared-bottom.js";

export interface ClickField {
  readonly name: string;
  readonly vocabulary: number;
  /** Default `one-hot`. */
  readonly kind?: "one-hot" | "multi-hot";
  /** Multi-hot fields. Default `mean`. */
  readonly pooling?: "sum" | "mean";
}

export interface ClickOptions {
  /** Categorical inputs, by the names that batches use. */
  readonly fields: readonly ClickField[];
  /** Number of numerical inputs; they become one embedding of `dim`. Default 0. */
  readonly numerical?: number;
  /** Task names (binary), or tasks. The target first. */
  readonly tasks: readonly (string | TensorTask)[];
  /** Default 16. */
  readonly dim?: number;
  /** Default `dcn`. `none`: the embeddings go to the trunk as they are. */
  readonly interaction?: "dcn" | "deepfm" | "none";
  /** DCN's layers. Default 2. */
  readonly crossLayers?: number;
  /** The trunk's layers, ReLU after each; the last one is the shared representation. Default 256-128-64. */
  readonly trunk?: readonly number[];
  /** Hidden layers of a head. Default 32. */
  readonly head?: readonly number[];
  /** After every hidden layer. Default 0. */
  readonly dropout?: number;
  /** Embeddings start here. Default normal, std 0.01. */
  readonly init?: Initializer;
  /** `per-field` (default): a table each. `joint`: one table for all one-hot fields, a little faster. */
  readonly tables?: "per-field" | "joint";
}

/**
 * A click model: embeddings of categorical fields and one of the numerical inputs, an interaction (DCN's cross layers,
 * or DeepFM's products), an MLP whose last layer is the shared representation, and one head per task. Reads impressions.
 */
export function clickModel(options: ClickOptions): TensorModel {
  const { fields, numerical = 0, dim = 16, interaction = "dcn", crossLayers = 2, dropout = 0 } = options;
  const { trunk = [256, 128, 64], head = [32], tables = "per-field" } = options;
  const init: Initializer = options.init ?? { kind: "normal", std: 0.01 };
  const tasks = options.tasks.map((task): TensorTask =>
    typeof task === "string" ? { name: task, objective: "bce" } : task,
  );
  positive("clickModel", { dim, trunk: Math.min(...trunk), ...(head.length > 0 ? { head: Math.min(...head) } : {}) });
  fields.forEach((field) => positive(`clickModel, field ${field.name}`, { vocabulary: field.vocabulary }));
  fraction("clickModel", "dropout", dropout);
  distinct("clickModel", "fields", fields.map((field) => field.name)); // prettier-ignore
  distinct("clickModel", "tasks", tasks.map((task) => task.name)); // prettier-ignore

  const joined = tables === "joint" ? fields.filter((field) => field.kind !== "multi-hot") : [];
  const apart = fields.filter((field) => !joined.includes(field));
  const offsets: number[] = [];
  let total = 0;
  for (const field of joined) {
    offsets.push(total);
    total += field.vocabulary;
  }
  const specs: TableSpec[] = apart.map(({ name, vocabulary }) => ({
    name,
    rows: vocabulary,
    dim,
    init,
    module: "embeddings",
  }));
  if (joined.length > 0) specs.unshift({ name: "fields", rows: total, dim, init, module: "embeddings" });
  const embedded = (fields.length + (numerical > 0 ? 1 : 0)) * dim;
  const width = embedded + (interaction === "deepfm" ? dim : 0);
  const variables: VariableSpec[] = [
    ...(numerical > 0 ? denseSpecs("numerical", [numerical, dim], null, "numerical") : []),
    ...(interaction === "dcn" ? crossSpecs(crossLayers, embedded) : []),
    ...denseSpecs("trunk", [width, ...trunk], null, "trunk"),
    ...tasks.flatMap(({ name }) =>
      denseSpecs(`head.${name}`, [trunk.at(-1) as number, ...head, 1], name, `head.${name}`),
    ),
  ];
  let ids = new Int32Array(0);

  /** The joined fields' ids, row after row: with a row of the batch's embeddings side by side, nothing needs moving. */
  function interleave(batch: readonly CategoricalField[], size: number): Int32Array {
    const count = joined.length;
    if (ids.length !== size * count) ids = new Int32Array(size * count);
    joined.forEach(({ name }, f) => {
      const field = find(batch, name, "one-hot");
      const offset = offsets[f] as number;
      for (let r = 0; r < size; r++) ids[r * count + f] = (field.ids[r] as number) + offset;
    });
    return ids;
  }

  return {
    kind: "tensor",
    name: "clickModel",
    options: {
      fields: fields.map(({ name, vocabulary, kind = "one-hot", pooling = "mean" }) => ({
        name,
        vocabulary,
        kind,
        pooling,
      })),
      numerical,
      dim,
      interaction,
      crossLayers,
      trunk: [...trunk],
      head: [...head],
      dropout,
      tables,
      tasks: tasks.map((task) => ({ ...task })),
      init: { ...init },
    },
    tables: specs,
    variables,
    tasks,
    lookups(batch) {
      if (batch.kind !== "impressions") throw wrongBatch(batch.kind);
      const { size } = batch;
      const own = apart.map(({ name, kind = "one-hot", pooling = "mean" }): Lookup => {
        const field = find(batch.fields, name, kind);
        const base = { table: name, ids: field.ids, size, input: "fields" };
        return field.kind === "multi-hot" ? { ...base, offsets: field.offsets, pooling } : base;
      });
      if (joined.length === 0) return own;
      const all = interleave(batch.fields, size);
      return [{ table: "fields", ids: all, size: size * joined.length, input: "fields" }, ...own];
    },
    ...(numerical > 0
      ? {
          numerical(batch) {
            if (batch.kind !== "impressions") throw wrongBatch(batch.kind);
            return { values: batch.numerical, width: numerical };
          },
        }
      : {}),
    trunk(tf, inputs, v, context) {
      const categorical = inputs["fields"] as tfjs.Tensor2D;
      let x = categorical;
      if (numerical > 0) {
        const weight = v["numerical.0.weight"] as tfjs.Tensor2D;
        const raw = inputs["numerical"] as tfjs.Tensor2D;
        const embedding = dense(tf, raw, weight, v["numerical.0.bias"] as tfjs.Tensor1D, "linear");
        x = tf.concat([categorical, embedding], 1);
      }
      if (interaction === "dcn") x = cross(tf, x, crossLayers, v);
      if (interaction === "deepfm") x = tf.concat([x, factorisation(tf, x, embedded / dim, dim)], 1);
      return hidden(tf, x, "trunk", trunk.length, v, dropout, context);
    },
    uniformHeads: { hidden: head.length, dropout, prefix: (task) => `head.${task}` },
    head(tf, task, representation, v, context) {
      const y = hidden(tf, representation, `head.${task}`, head.length, v, dropout, context);
      const last = `head.${task}.${head.length}`;
      return dense(tf, y, v[`${last}.weight`] as tfjs.Tensor2D, v[`${last}.bias`] as tfjs.Tensor1D, "linear");
    },
  };
}

function find(batch: readonly CategoricalField[], name: string, kind: "one-hot" | "multi-hot"): CategoricalField {
  const field = batch.find((candidate) => candidate.name === name);
  if (field?.kind === kind) return field;
  throw new GradpoolError({
    code: "invalid-input",
    what: field === undefined ? `no field ${name}` : `field ${name} is ${field.kind}, not ${kind}`,
    where: "clickModel, batch",
    remedy: `the batch has ${batch.map((candidate) => `${candidate.name} (${candidate.kind})`).join(", ")}`,
  });
}

const wrongBatch = (kind: string): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what: `a batch of ${kind}`,
    where: "clickModel",
    remedy: "give impressions: rows with categorical fields and labels",
  });
