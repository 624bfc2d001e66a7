import type { CategoricalField, ImpressionsBatch } from "@gradpool/data";
import { GradpoolError } from "@gradpool/core";
import type { Initializer, Lookup, TableSpec } from "./contract/parameters.js";

export interface ClickField {
  readonly name: string;
  readonly vocabulary: number;
  /** Default `one-hot`. */
  readonly kind?: "one-hot" | "multi-hot";
  /** Multi-hot fields. Default `mean`. */
  readonly pooling?: "sum" | "mean";
}

/** The embeddings of categorical fields. */
export interface FieldTables {
  readonly tables: readonly TableSpec[];
  /** All of them side by side, as the input `<prefix>fields`. */
  lookups(batch: ImpressionsBatch): readonly Lookup[];
}

/** Whose embeddings they are. */
export interface FieldSet {
  /** The model, for errors. */
  readonly model: string;
  /** Before the names of tables and input: models that keep several sets of embeddings tell them apart by it. Default none. */
  readonly prefix?: string;
  /** The task that owns them. Default null: shared. */
  readonly owner?: string | null;
}

export interface TableOptions {
  readonly dim: number;
  readonly init: Initializer;
  /** A table for each field, or (`joint`) one for all one-hot fields, which moves less. */
  readonly tables: "per-field" | "joint";
}

export function fieldTables(
  fields: readonly ClickField[],
  { dim, init, tables }: TableOptions,
  set: FieldSet,
): FieldTables {
  const { prefix = "", owner = null } = set;
  const joined = tables === "joint" ? fields.filter((field) => field.kind !== "multi-hot") : [];
  const apart = fields.filter((field) => !joined.includes(field));
  const embeddings = (name: string, rows: number): TableSpec => ({
    name: `${prefix}${name}`,
    rows,
    dim,
    init,
    module: `${prefix}embeddings`,
    ...(owner === null ? {} : { owner }),
  });
  const own = (batch: ImpressionsBatch): Lookup[] => apart.map((field) => lookupOf(set, field, batch));
  const specs = apart.map(({ name, vocabulary }) => embeddings(name, vocabulary));
  if (joined.length === 0) return { tables: specs, lookups: own };
  const total = joined.reduce((sum, { vocabulary }) => sum + vocabulary, 0);
  const idsOf = jointIds(set, joined);
  const name = `${prefix}fields`;
  return {
    tables: [embeddings("fields", total), ...specs],
    lookups: (batch) => [
      { table: name, ids: idsOf(batch), size: batch.size * joined.length, input: name },
      ...own(batch),
    ],
  };
}

function lookupOf(
  { model, prefix = "" }: FieldSet,
  { name, kind = "one-hot", pooling = "mean" }: ClickField,
  { fields, size }: ImpressionsBatch,
): Lookup {
  const field = find(model, fields, name, kind);
  const base = { table: `${prefix}${name}`, ids: field.ids, size, input: `${prefix}fields` };
  return field.kind === "multi-hot" ? { ...base, offsets: field.offsets, pooling } : base;
}

/** The joined fields' ids, row after row: with a row of the batch's embeddings side by side, nothing needs moving. */
function jointIds({ model }: FieldSet, joined: readonly ClickField[]): (batch: ImpressionsBatch) => Int32Array {
  const count = joined.length;
  const offsets: number[] = [];
  let total = 0;
  for (const { vocabulary } of joined) {
    offsets.push(total);
    total += vocabulary;
  }
  let ids = new Int32Array(0);
  return ({ fields, size }) => {
    if (ids.length !== size * count) ids = new Int32Array(size * count);
    joined.forEach(({ name }, f) => {
      const field = find(model, fields, name, "one-hot");
      const offset = offsets[f] as number;
      for (let r = 0; r < size; r++) ids[r * count + f] = (field.ids[r] as number) + offset;
    });
    return ids;
  };
}

function find(
  model: string,
  batch: readonly CategoricalField[],
  name: string,
  kind: "one-hot" | "multi-hot",
): CategoricalField {
  const field = batch.find((candidate) => candidate.name === name);
  if (field?.kind === kind) return field;
  throw new GradpoolError({
    code: "invalid-input",
    what: field === undefined ? `no field ${name}` : `field ${name} is ${field.kind}, not ${kind}`,
    where: `${model}, batch`,
    remedy: `the batch has ${batch.map((candidate) => `${candidate.name} (${candidate.kind})`).join(", ")}`,
  });
}
