/** One group's problem, over the tasks that take part in it. */
export interface Gram {
  /** Number of tasks that take part. */
  readonly size: number;
  /** Their places among all T tasks, ascending. */
  readonly index: readonly number[];
  /** Position of the target among them, or -1 if it takes no part. */
  readonly target: number;
  /** Tasks present in the step, zero gradients included: the T of a mean over tasks. */
  readonly count: number;
  /** size. */
  readonly norms: Float64Array;
  /** size × size; empty for a pool that needs norms only. */
  readonly cosines: Float64Array;
}

/** ⟨gᵢ, gⱼ⟩. */
export function inner(gram: Gram, i: number, j: number): number {
  return (gram.norms[i] as number) * (gram.norms[j] as number) * (gram.cosines[i * gram.size + j] as number);
}
