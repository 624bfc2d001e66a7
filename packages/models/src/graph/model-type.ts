import type { EmbeddingModel } from "../contract/embedding.js";
import type { VariableSpec } from "../contract/parameters.js";
import type { GraphEncoder, RowDecay } from "./contract.js";
import type { Graph } from "./graph.js";

/**
 * Embeddings behind a graph encoder: tasks are those of an embedding model, and their lookups read rows of Z. All weights, the
 * tables and the encoder's variables, are shared by all tasks.
 */
export interface GraphModel extends Omit<EmbeddingModel, "kind"> {
  readonly kind: "graph";
  readonly graph: Graph;
  readonly encoder: GraphEncoder;
  /** The encoder's. */
  readonly variables: readonly VariableSpec[];
  readonly decay: RowDecay;
  /** Full ranking: score(u, i) = ⟨Z[u], Z[i]⟩. */
  readonly ranking: { readonly users: string; readonly items: string };
}
