import { vectorsOf } from "@gradpool/trainer";
import type { Embeddings, NamedWeights, Side } from "./contract.js";
import { problem } from "./errors.js";
import type { Opened } from "./opened.js";
import { rowsOfIds } from "./id-rows.js";

/**
 * What the model knows of each user or item. Of models that score by inner products those vectors (behind a graph encoder its
 * output); of others the rows of all tables that the id reads, side by side.
 */
export function embeddingsOf(run: Opened, side: Side): Embeddings {
  const { engine, made, users, items } = run;
  const { all } = side === "users" ? users : items;
  engine.settle();
  const vectors = vectorsOf(engine, made.model);
  if (vectors !== null) return { ids: all, dim: vectors.dim, values: vectors[side].slice() };
  const parts = rowsOfIds(run, side);
  if (parts.length === 0) {
    throw problem(
      "unsupported",
      `${made.model.name} has no embeddings of ${side}`,
      run.folder,
      "ask for the other side",
    );
  }
  const dim = parts.reduce((sum, part) => sum + part.dim, 0);
  const values = new Float32Array(all.length * dim);
  let at = 0;
  for (const { table, first, dim: width } of parts) {
    const rows = engine.representation?.(table) ?? engine.table(table);
    for (let k = 0; k < all.length; k++) {
      values.set(rows.subarray((first + k) * width, (first + k + 1) * width), k * dim + at);
    }
    at += width;
  }
  return { ids: all, dim, values };
}

/** All tables, variables and statistics, as they are called in the model; behind tables the composed rows of those that have such. */
export function weightsOf({ engine, made }: Opened): NamedWeights[] {
  engine.settle();
  const { model } = made;
  const variables = "variables" in model ? model.variables : [];
  const statistics = ("statistics" in model ? model.statistics : undefined) ?? [];
  // Tensor models write x W; graph encoders keep their matrices as [out, in].
  const kindOf = (name: string, { length }: readonly number[]): NamedWeights["kind"] =>
    model.kind === "tensor" && length === 2 && name.endsWith("weight") ? "dense" : "variable";
  return [
    ...model.tables.map(({ name, rows, dim }): NamedWeights => {
      return { name, kind: "table", shape: [rows, dim], values: engine.table(name).slice() };
    }),
    ...model.tables.flatMap(({ name, rows, dim, plus }): NamedWeights[] => {
      if (plus === undefined || engine.representation === undefined) return [];
      return [{ name, kind: "composed", shape: [rows, dim], values: engine.representation(name).slice() }];
    }),
    ...[...variables, ...statistics].map(({ name, shape }): NamedWeights => {
      return { name, kind: kindOf(name, shape), shape, values: engine.variable(name).slice() };
    }),
  ];
}
