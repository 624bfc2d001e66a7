import type { GradientPool, Level } from "@gradpool/core";
import type { Model, TensorOps } from "@gradpool/models";
import type { TableMemoryOptions } from "../memory/options.js";
import type { OptimizerSpec } from "../optimizer/spec.js";

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
  /** Default `stop`. */
  readonly onNonFinite?: "stop" | "skip";
  /** Start values by table or variable name, instead of the model's initializers. Copied in. */
  readonly initial?: ReadonlyMap<string, Float32Array>;
  /** Where tables live. */
  readonly memory?: TableMemoryOptions;
}

export interface EngineOptions<M extends Model = Model> extends EngineSettings {
  readonly model: M;
  /** tfjs with the backend that is to be used, what `selectBackend` answers with. Tensor models need it, others do not. */
  readonly tf?: TensorOps;
}
