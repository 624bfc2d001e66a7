import type * as tfjs from "@tensorflow/tfjs-core";
import type { ImpressionsBatch } from "@gradpool/data";
import { GradpoolError, type JsonObject } from "@gradpool/core";
import { type ClickField, type FieldSet, fieldTables } from "./fields.js";
import { dense, denseSpecs } from "./layers.js";
import type { Initializer, Lookup, TableSpec } from "./contract/parameters.js";
import type { TensorBatch, TensorModel, TensorOps } from "./contract/tensor.js";
import type { VariableSpec } from "./contract/parameters.js";
import type { Tensors } from "./contract/tensor.js";
import { distinct, positive } from "./options.js";

/** What every model of impressions reads. */
export interface FieldOptions {
  /** Categorical inputs, by the names that batches use. */
  readonly fields: readonly ClickField[];
  /** Number of numerical inputs. Default 0. */
  readonly numerical?: number;
  /** `embedding` (default): the numerical inputs become one embedding of `dim`. `raw`: they stand beside the embeddings. */
  readonly numericalInput?: "embedding" | "raw";
  /** Width of an embedding. Default 16. */
  readonly dim?: number;
  /** `per-field` (default): a table each. `joint`: one table for all one-hot fields, a little faster. */
  readonly tables?: "per-field" | "joint";
  /** Embeddings start here. Default normal, std 0.01. */
  readonly init?: Initializer;
}

/** The embedded inputs of a batch. */
export interface Embedded {
  /** All that is read, side by side, [size, width]. */
  readonly x: tfjs.Tensor2D;
  /** Its embeddings alone, [size, count · dim]. */
  readonly embeddings: tfjs.Tensor2D;
}

/** What the inputs are, for others that read them. */
export interface FieldSource {
  /** The model, for errors. */
  readonly model: string;
  readonly fields: readonly ClickField[];
  /** Number of numerical inputs. */
  readonly numerical: number;
  readonly tables: "per-field" | "joint";
  readonly init: Initializer;
  /** The batch, if it is of impressions; else an error. */
  impressions(batch: TensorBatch): ImpressionsBatch;
}

/** Embeddings of fields and numerical inputs. */
export interface FieldInput {
  readonly source: FieldSource;
  /** Resolved, for the model's options. */
  readonly options: JsonObject;
  readonly specs: readonly TableSpec[];
  readonly variables: readonly VariableSpec[];
  /** Of x. */
  readonly width: number;
  readonly dim: number;
  /** Embeddings in x. */
  readonly count: number;
  lookups(batch: TensorBatch): readonly Lookup[];
  readonly numerical: Pick<TensorModel, "numerical">;
  read(tf: TensorOps, inputs: Tensors, variables: Tensors): Embedded;
}

type Resolved = Required<FieldOptions>;

export function fieldInput(options: FieldOptions, set: FieldSet): FieldInput {
  const own = resolve(options, set);
  const { fields, numerical, numericalInput, dim } = own;
  const tables = fieldTables(fields, own, set);
  const embeds = numerical > 0 && numericalInput === "embedding";
  const count = fields.length + (embeds ? 1 : 0);
  return {
    source: { ...own, model: set.model, impressions: (batch) => impressions(set, batch) },
    options: describe(own),
    specs: tables.tables,
    variables: embeds ? denseSpecs("numerical", [numerical, dim], null, "numerical") : [],
    width: count * dim + (embeds ? 0 : numerical),
    dim,
    count,
    lookups: (batch) => tables.lookups(impressions(set, batch)),
    numerical:
      numerical > 0 ? { numerical: (batch) => ({ values: impressions(set, batch).numerical, width: numerical }) } : {},
    read(tf, inputs, variables) {
      const categorical = inputs[`${set.prefix ?? ""}fields`] as tfjs.Tensor2D;
      if (numerical === 0) return { x: categorical, embeddings: categorical };
      const raw = inputs["numerical"] as tfjs.Tensor2D;
      if (!embeds) return { x: tf.concat([categorical, raw], 1), embeddings: categorical };
      const weight = variables["numerical.0.weight"] as tfjs.Tensor2D;
      const embedding = dense(tf, raw, weight, variables["numerical.0.bias"] as tfjs.Tensor1D, "linear");
      const x = tf.concat([categorical, embedding], 1);
      return { x, embeddings: x };
    },
  };
}

function resolve(options: FieldOptions, { model }: FieldSet): Resolved {
  const { fields, numerical = 0, numericalInput = "embedding", dim = 16, tables = "per-field" } = options;
  const { init = { kind: "normal", std: 0.01 } } = options;
  positive(model, { dim });
  fields.forEach((field) => positive(`${model}, field ${field.name}`, { vocabulary: field.vocabulary }));
  distinct(
    model,
    "fields",
    fields.map((field) => field.name),
  );
  return { fields, numerical, numericalInput, dim, tables, init };
}

/** The resolved options as JSON. */
function describe({ fields, init, ...rest }: Resolved): JsonObject {
  return {
    fields: fields.map(({ name, vocabulary, kind = "one-hot", pooling = "mean" }) => ({
      name,
      vocabulary,
      kind,
      pooling,
    })),
    ...rest,
    init: { ...init },
  };
}

function impressions({ model }: FieldSet, batch: TensorBatch): ImpressionsBatch {
  if (batch.kind === "impressions") return batch;
  throw new GradpoolError({
    code: "invalid-input",
    what: `a batch of ${batch.kind}`,
    where: model,
    remedy: "give impressions: rows with categorical fields and labels",
  });
}
