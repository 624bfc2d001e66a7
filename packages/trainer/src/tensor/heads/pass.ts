import type { Tensor, TensorOps } from "@gradpool/models";
import type { DeviceVariables } from "../dense/on-device.js";
import type { DenseStore } from "../dense/store.js";

/** As much of a step as the heads work with. */
export interface HeadsWork {
  readonly tf: TensorOps;
  readonly dense: DenseStore;
  readonly variables: DeviceVariables;
  /** The tasks' names. */
  readonly names: readonly string[];
  /** Rows of the batch. */
  readonly size: number;
  /** 1 for units that stay, 0 for those that dropout drops, and what the stay is scaled by; null: none is dropped. */
  mask(shape: readonly number[], rate: number): { readonly mask: Tensor; readonly scale: number } | null;
}

/** What arrives at Φ from the heads of the present tasks. */
export interface Arrived {
  /** One task's gradient of Φ, in Φ's shape. */
  one(task: number): Tensor;
  /** Σ wᵢ gᵢ, in Φ's shape. Weights by task. */
  sum(weights: ArrayLike<number>): Tensor;
  /** Their Gram matrix in float32 on the device, T × T row-major; null where it cannot be had there without copying. */
  gram(): Float64Array | null;
}

/** The heads of one step, after their forward pass. */
export interface HeadsPass {
  /** Outputs of the present tasks on the host, one task after the other. */
  outputs(): Float32Array;
  /** From d L / d output of each present task: writes the heads' own gradients, answers with what arrives at Φ. */
  backward(errors: readonly (Float32Array | null)[]): Arrived;
}
