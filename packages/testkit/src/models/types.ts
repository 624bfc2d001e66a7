import type { GradientPool, JsonObject } from "@gradpool/core";

/*
 * Models and engines as the suite sees them: as little as it reads, so that it depends on no trainer, and that a trainer's
 * own types fit.
 */

export interface LookupLike {
  readonly table: string;
  readonly ids: Int32Array;
  readonly size: number;
  readonly offsets?: Int32Array;
}

export interface TableLike {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  readonly init: { readonly kind: string };
  readonly owner?: string | null;
}

export interface VariableLike {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: { readonly kind: string };
  readonly owner: string | null;
}

/** A batch, of which the suite changes labels and ids only. */
export interface BatchLike {
  readonly kind: string;
  readonly size: number;
}

interface ModelParts {
  readonly name: string;
  readonly options: JsonObject;
  readonly tables: readonly TableLike[];
}

export interface EmbeddingModelLike extends ModelParts {
  readonly kind: "embedding";
  readonly tasks: readonly {
    readonly name: string;
    readonly objective: string;
    readonly batch: string;
    lookups(batch: never): readonly LookupLike[];
  }[];
  readonly ranking?: { readonly users: string; readonly items: string };
}

/** Embeddings behind a graph encoder. */
export interface GraphModelLike extends Omit<EmbeddingModelLike, "kind"> {
  readonly kind: "graph";
  readonly variables: readonly VariableLike[];
}

export interface TensorModelLike extends ModelParts {
  readonly kind: "tensor";
  readonly variables: readonly VariableLike[];
  /** What no loss reaches, and yet is saved with the weights. */
  readonly statistics?: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly tasks: readonly { readonly name: string; readonly objective: string }[];
  lookups(batch: never): readonly LookupLike[];
  readonly ranking?: { readonly users: number; readonly items: number };
}

export type ModelLike = EmbeddingModelLike | GraphModelLike | TensorModelLike;

/** What a step reads: a batch per task (null: the task is absent), or one for all of them. */
export type Batches = readonly (BatchLike | null)[] | BatchLike;

export interface EngineLike {
  step(input: never): { readonly losses: Float64Array };
  snapshot(): { readonly arrays: ReadonlyMap<string, ArrayBufferView>; readonly json: JsonObject };
  restore(snapshot: never): void;
  settle(): void;
  table(name: string): Float32Array;
  variable(name: string): Float32Array;
  /** What the heads say of a batch's rows, by task. Tensor models. */
  predict?(batch: never): readonly Float32Array[];
  /** Scores of all items for users, by one task's head. Tensor models that rank. */
  scorer?(task: string): { score(users: Int32Array, out: Float32Array): void; dispose(): void };
  dispose(): void;
}

/** What the suite asks of an engine's factory; a factory may take more, bound beforehand: `(o) => createEngine({ ...o, tf })`. */
export interface EngineRequest<M> {
  readonly model: M;
  readonly pool: GradientPool;
  readonly optimizer: { readonly name: "sgd" | "adam"; readonly learningRate: number };
  readonly seed: number;
  readonly initial?: ReadonlyMap<string, Float32Array>;
}

export interface ModelKit<M> {
  /** `createEngine` of `@gradpool/trainer`, or another engine. */
  createEngine(request: EngineRequest<M>): EngineLike;
  /** Batches that the model reads, the same for the same seed: small ones will do. */
  batches(seed: number): Batches;
  /** By option: a call of the factory with a bad value, which must be refused by a message that names the option. */
  readonly refuses?: Readonly<Record<string, () => unknown>>;
  /**
   * Tasks read what others own, without gradient: then a task's own weights may move another's loss, and what is checked is that
   * they get no gradient from it.
   */
  readonly readsOthers?: boolean;
  /**
   * How far finite differences may be from gradients, relative to the gradient: float32 losses leave four digits.
   * Default 0.01.
   */
  readonly tolerance?: number;
}
