import type * as tfjs from "@tensorflow/tfjs-core";
import type { ImpressionsBatch } from "@gradpool/data";
import { given, GradpoolError } from "@gradpool/core";
import { type ClickField, fieldTables } from "./fields.js";
import { cross, crossSpecs, factorisation } from "./interactions.js";
import { dense, denseSpecs, hidden } from "./layers.js";
import type { Initializer, TensorBatch, TensorModel, TensorTask, VariableSpec } from "./model.js";
import { distinct, fraction, positive } from "./options.js";

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

type Resolved = Required<Omit<ClickOptions, "tasks">> & { readonly tasks: readonly TensorTask[] };

/**
 * A click model: embeddings of categorical fields and one of the numerical inputs, an interaction (DCN's cross layers,
 * or DeepFM's products), an MLP whose last layer is the shared representation, and one head per task. Reads impressions.
 */
export function clickModel(options: ClickOptions): TensorModel {
  const own = resolve(options);
  const { numerical, dim, head, dropout, tasks } = own;
  const embeddings = fieldTables(own.fields, dim, own.init, own.tables);
  return {
    kind: "tensor",
    name: "clickModel",
    options: describe(own),
    tables: embeddings.tables,
    variables: variablesOf(own),
    tasks,
    lookups: (batch) => embeddings.lookups(impressions(batch)),
    ...given({
      numerical:
        numerical > 0
          ? (batch: TensorBatch) => ({ values: impressions(batch).numerical, width: numerical })
          : undefined,
    }),
    trunk: trunkOf(own),
    uniformHeads: { hidden: head.length, dropout, prefix: (task) => `head.${task}` },
    head(tf, task, representation, v, context) {
      const y = hidden(tf, representation, `head.${task}`, head.length, v, dropout, context);
      const last = `head.${task}.${head.length}`;
      return dense(tf, y, v[`${last}.weight`] as tfjs.Tensor2D, v[`${last}.bias`] as tfjs.Tensor1D, "linear");
    },
  };
}

function resolve(options: ClickOptions): Resolved {
  const { fields, numerical = 0, dim = 16, interaction = "dcn", crossLayers = 2, dropout = 0 } = options;
  const { trunk = [256, 128, 64], head = [32], tables = "per-field", init = { kind: "normal", std: 0.01 } } = options;
  const tasks = options.tasks.map((task): TensorTask =>
    typeof task === "string" ? { name: task, objective: "bce" } : task,
  );
  positive("clickModel", { dim, trunk: Math.min(...trunk), ...(head.length > 0 ? { head: Math.min(...head) } : {}) });
  fields.forEach((field) => positive(`clickModel, field ${field.name}`, { vocabulary: field.vocabulary }));
  fraction("clickModel", "dropout", dropout);
  distinct("clickModel", "fields", fields.map((field) => field.name)); // prettier-ignore
  distinct("clickModel", "tasks", tasks.map((task) => task.name)); // prettier-ignore
  return { fields, numerical, dim, interaction, crossLayers, dropout, trunk, head, tables, init, tasks };
}

/** The resolved options as JSON. */
function describe({ fields, tasks, trunk, head, init, ...rest }: Resolved): TensorModel["options"] {
  const { numerical, dim, interaction, crossLayers, dropout, tables } = rest;
  return {
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
  };
}

/** Width of all embeddings side by side. */
const embedded = ({ fields, numerical, dim }: Resolved): number => (fields.length + (numerical > 0 ? 1 : 0)) * dim;

function variablesOf(own: Resolved): VariableSpec[] {
  const { numerical, dim, interaction, crossLayers, trunk, head, tasks } = own;
  const width = embedded(own) + (interaction === "deepfm" ? dim : 0);
  return [
    ...(numerical > 0 ? denseSpecs("numerical", [numerical, dim], null, "numerical") : []),
    ...(interaction === "dcn" ? crossSpecs(crossLayers, embedded(own)) : []),
    ...denseSpecs("trunk", [width, ...trunk], null, "trunk"),
    ...tasks.flatMap(({ name }) =>
      denseSpecs(`head.${name}`, [trunk.at(-1) as number, ...head, 1], name, `head.${name}`),
    ),
  ];
}

function trunkOf(own: Resolved): TensorModel["trunk"] {
  const { numerical, dim, interaction, crossLayers, trunk, dropout } = own;
  return (tf, inputs, v, context) => {
    let x = inputs["fields"] as tfjs.Tensor2D;
    if (numerical > 0) {
      const weight = v["numerical.0.weight"] as tfjs.Tensor2D;
      const raw = inputs["numerical"] as tfjs.Tensor2D;
      x = tf.concat([x, dense(tf, raw, weight, v["numerical.0.bias"] as tfjs.Tensor1D, "linear")], 1);
    }
    if (interaction === "dcn") x = cross(tf, x, crossLayers, v);
    if (interaction === "deepfm") x = tf.concat([x, factorisation(tf, x, embedded(own) / dim, dim)], 1);
    return hidden(tf, x, "trunk", trunk.length, v, dropout, context);
  };
}

function impressions(batch: TensorBatch): ImpressionsBatch {
  if (batch.kind === "impressions") return batch;
  throw new GradpoolError({
    code: "invalid-input",
    what: `a batch of ${batch.kind}`,
    where: "clickModel",
    remedy: "give impressions: rows with categorical fields and labels",
  });
}
