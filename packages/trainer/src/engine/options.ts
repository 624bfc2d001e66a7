import type { GradientPool, Level } from "@gradpool/core";
import type { Model, TensorOps } from "@gradpool/models";
import type { TableMemoryOptions } from "../memory/options.js";
import type { OptimizerSpec } from "../optimizer/spec.js";
import type { Clip } from "./limit.js";

/** What every engine takes, whatever its model. */
export interface EngineSettings {
  readonly pool: GradientPool;
  /** Default: the pool's own. */
  readonly level?: Level;
  /** The target task's name. Default: the first. */
  readonly target?: string;
  readonly optimizer: OptimizerSpec;
  /** Seeds initial weights, dropout and pools. Default 0. */
  readonly seed?: number;
  /**
   * Which shared parameters the pool balances, by table, variable or module name; the rest gets the plain sum of its
   * gradients. At the level `parameters` only. Default: all.
   */
  readonly balance?: readonly string[];
  /**
   * What the losses are multiplied by, by task: the loss of a task is that product, wherever it is seen (by the pool, by its own
   * head, in results). Default 1.
   */
  readonly taskWeights?: Readonly<Record<string, number>>;
  /**
   * What a label 1 counts for against a label 0 in a task's cross-entropy, by task (tensor models; PyTorch's `pos_weight`). Default 1.
   */
  readonly classWeights?: Readonly<Record<string, number>>;
  /**
   * Limits the combined gradient, after pooling, before the optimiser and its decay: the norm over everything that the step moves,
   * or each coordinate. Costs the touched rows, never a table. Default: none.
   */
  readonly clip?: Clip;
  /** Default `stop`. */
  readonly onNonFinite?: "stop" | "skip";
  /** Start values by table or variable name, instead of the model's initializers. Copied in. */
  readonly initial?: ReadonlyMap<string, Float32Array>;
  /** Where tables live. */
  readonly memory?: TableMemoryOptions;
  /**
   * Threads that share a step, this one included: the same bits with any number. Of tensor models they share the rows, and on tfjs'
   * WebAssembly the dense layers' products; other backends have threads of their own. More than there are free cores make it slower. They start with the first step that is large enough, and end with `dispose`. Default 1.
   */
  readonly threads?: number;
}

export interface EngineOptions<M extends Model = Model> extends EngineSettings {
  readonly model: M;
  /** tfjs with the backend that is to be used, what `selectBackend` answers with. Tensor models need it, others do not. */
  readonly tf?: TensorOps;
}
