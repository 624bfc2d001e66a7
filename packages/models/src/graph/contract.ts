/**
 * Encoders between the tables and the rows that tasks read: Z = encode(E0, variables), a row for every node of a graph. An
 * encoder is written against {@link GraphOps}, which the trainer provides on its own memory ({@link plainGraphOps} is
 * the reference, in float64); it owns no weights.
 */
import type { FloatArray, JsonObject } from "@gradpool/core";
import type { VariableSpec } from "../contract/parameters.js";

/** Rows next to each other. They may lie in memory that moves: ask for `values` each time. */
export interface Block {
  readonly rows: number;
  readonly width: number;
  /** At least rows × width numbers, row-major. */
  readonly values: FloatArray;
  /** Makes it rows × width; what it held is lost. */
  shape(rows: number, width: number): Block;
}

/** Some nodes, each once, in any order. */
export interface NodeList {
  readonly count: number;
  /** At least `count` nodes. */
  readonly ids: Int32Array;
}

/** What decides, with node and column, whether a place is dropped. Made by the trainer from seed, step and stream. */
export interface Chance {
  readonly first: number;
  readonly second: number;
  /** Of 2³² places, so many are dropped. */
  readonly threshold: number;
  /** What the others are multiplied by. */
  readonly scale: number;
}

export interface Propagation {
  /** Added before scaling. */
  readonly base?: Block;
  /** Default 1. */
  readonly scale?: number;
  /** Rows of these nodes only: the k-th row of `out` is that of the k-th node. Default: all. */
  readonly only?: NodeList | null;
  /** With Sᵀ instead of S. */
  readonly transposed?: boolean;
}

/** Arithmetic on blocks. S is the graph's matrix, normalised as the encoder asks. `out` is written over unless said otherwise. */
export interface GraphOps {
  /** Users and items. */
  readonly nodes: number;
  /** A block that lives as long as the encoder's run. */
  block(): Block;
  /**
   * The same for what products read and write, all nodes' rows: the trainer keeps it as products read it fastest. `copy`, `fill`,
   * `addRows`, `spread` and `propagate` take it, nothing else does, and its `values` are in no promised order.
   */
  productBlock(): Block;
  /** out = x. */
  copy(x: Block, out: Block): void;
  /** out = scale (S x + base). */
  propagate(x: Block, out: Block, how?: Propagation): void;
  /** out += Sᵀ g, with rows of `g` for some nodes and zeros elsewhere. Costs their edges only. */
  spread(g: Block, only: NodeList, out: Block): void;
  /** Row k of `out` is row ids[k] of x. */
  gather(x: Block, only: NodeList, out: Block): void;
  /** Adds row k of `g` to row ids[k] of `out`. */
  addRows(g: Block, only: NodeList, out: Block): void;
  fill(out: Block, value: number): void;
  scale(x: Block, by: number): void;
  /** out = a + b. */
  add(a: Block, b: Block, out: Block): void;
  /** out = a b, coordinate by coordinate; += if `adds`. */
  multiply(a: Block, b: Block, out: Block, adds?: boolean): void;
  /** out = x m, with m [x.width, out.width]; `start`: a row that is added to each, or `add` to what is there. */
  product(x: Block, m: Matrix, out: Block, start?: FloatArray | "add"): void;
  /** out += yᵀ x: the gradient of W in y = x Wᵀ, [y.width, x.width]. */
  outer(y: Block, x: Block, out: FloatArray): void;
  /** out += the sum of y's rows: the gradient of a bias. */
  columnSums(y: Block, out: FloatArray): void;
  /** out = g where act > 0, slope g elsewhere: leaky ReLU (g = act), or back through it. */
  leaky(act: Block, g: Block, slope: number, out: Block): void;
  /** out = x / max(‖x‖, 1e-12), row by row; `inverse`, of shape rows × 1, is one over that length. */
  unit(x: Block, out: Block, inverse: Block): void;
  /** Back through `unit`: out = (g − ⟨g, unit⟩ unit) / length; 0 for a row of zeros, whose length has no derivative. */
  unitBack(g: Block, unit: Block, inverse: Block, out: Block): void;
  /** All columns of x into those of `out` from `to` on. */
  paste(x: Block, out: Block, to: number): void;
  /** The columns of x from `from` on, as many as `out` has. */
  cut(x: Block, from: number, out: Block): void;
  /** Inverted dropout in place; row k is that of the k-th node. */
  drop(x: Block, only: NodeList | null, chance: Chance): void;
}

/** A matrix that `product` multiplies with, row-major; `transposed`: it is stored as its transpose, as weights [out, in] are. */
export interface Matrix {
  readonly values: FloatArray;
  readonly transposed: boolean;
}

/** What a pass reads. Numbers of weights and gradients are views: shape blocks first, then ask for them. */
export interface EncoderInput {
  /** E0: a row per node, as wide as the tables. */
  readonly ego: Block;
  weight(variable: string): FloatArray;
  /** Null: no dropout, at evaluation and where the rate is 0. The same in a step's forward and backward passes. */
  chance(rate: number, stream: number): Chance | null;
}

/** The memory of one engine's passes. */
export interface EncoderRun {
  /**
   * True: `backward` keeps nothing of the forward pass, and goes back from any nodes. A task's gradient then arrives at the nodes that
   * the task touched, not at those of all tasks.
   */
  readonly backFromAny?: true;
  /** Z of these nodes (null: of all) to `out`, one row each. What a backward pass needs is kept until the next one. */
  forward(input: EncoderInput, only: NodeList | null, out: Block): void;
  /**
   * From d loss / d Z of the nodes of the last forward pass, or of any ({@link EncoderRun.backFromAny}; `g` may be written over) to d loss / d E0, a row per node, and the
   * gradients of the variables. All are written over. Any number of times after one forward pass.
   */
  backward(input: EncoderInput, only: NodeList, g: Block, ego: Block, gradient: (variable: string) => FloatArray): void;
}

export interface GraphEncoder {
  readonly name: string;
  /** The resolved options. */
  readonly options: JsonObject;
  /** Columns of Z. */
  readonly width: number;
  /** `symmetric`: D^-½ A D^-½, zero rows where the degree is 0. `self-loops`: (D + I)⁻¹ (A + I). */
  readonly normalisation: "symmetric" | "self-loops";
  /** The share of edges that a training step leaves out, both directions of each together; the rest is scaled up. */
  readonly edgeDropout: number;
  readonly variables: readonly VariableSpec[];
  make(ops: GraphOps): EncoderRun;
}

/** λ / (2B) times the squared norms of the rows that a task's batch reads, repeats counted. No task: added after pooling. */
export interface RowDecay {
  /** λ. */
  readonly weight: number;
  /** Rows of E0 (LightGCN) or of Z (NGCF). */
  readonly of: "ego" | "encoded";
  /** Whose batches' rows. */
  readonly tasks: readonly string[];
}
