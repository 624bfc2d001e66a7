import type { Tensor, TensorOps } from "@gradpool/models";
import type { SkippedStep } from "../../engine/contract.js";
import type { DenseStore } from "../dense/store.js";

/** As much of a step as the heads work with. */
export interface HeadsWork {
  readonly tf: TensorOps;
  readonly dense: DenseStore;
  /** The tasks' names. */
  readonly names: readonly string[];
  /** Rows of the batch. */
  readonly size: number;
  /** 1 for units that stay, 0 for those that dropout drops, and what the stay is scaled by; null: none is dropped. */
  mask(shape: readonly number[], rate: number): { readonly mask: Tensor; readonly scale: number } | null;
}

/**
 * What arrives at the cut from the present terms of the objective: the tasks, then the regulariser where there is one. Tensors
 * in the cut's order and shapes.
 */
export interface Arrived {
  /** A gradient of the heads' own is not finite. */
  readonly failure?: SkippedStep;
  /** One term's gradient of the cut. */
  one(term: number): readonly Tensor[];
  /** Σ wᵢ gᵢ. Weights by term. */
  sum(weights: ArrayLike<number>): readonly Tensor[];
  /** The tasks' Gram matrix in float32 on the device, T × T row-major; null where it cannot be had there without copying. */
  gram(): Float64Array | null;
  /** Lets go of them, but for these sums. Nothing is asked afterwards. */
  release(but: readonly Tensor[]): void;
}

/** d term / d outputs, by term and output; null: the term is absent, or does not read the output. */
export type TermErrors = readonly (readonly (Float32Array | null)[] | null)[];

/** The heads of one step, after their forward pass. */
export interface HeadsPass {
  /** Outputs on the host, by output; null: not computed, no present task reads it. */
  outputs(): readonly (Float32Array | null)[];
  /** `backward` may be asked for some terms, the errors of the others null, and for the others later. */
  readonly oneByOne: boolean;
  /** Writes the gradients of what the heads read beside the cut, answers with what arrives at the cut. */
  backward(errors: TermErrors): Arrived;
}

/** The errors of heads that are one per task: each task reads its own output. */
export const ownErrors = (errors: TermErrors): readonly (Float32Array | null)[] =>
  errors.map((of, t) => of?.[t] ?? null);

/** Outputs that lie one after the other, for the tasks that are present, in the tasks' places. */
export function apart(joined: Float32Array, present: readonly boolean[], size: number): (Float32Array | null)[] {
  let at = 0;
  return present.map((here) => (here ? joined.subarray(at, (at += size)) : null));
}
