import type { Draws } from "../engine/draws.js";

/** Which of a step's batches a pass belongs to: where its gradients are written, and what they count for where no pool sees them. */
export interface Draw {
  /** The place of a term's gradient: a task's by its batch, the regulariser's behind all of them ({@link Draws}). */
  place(term: number): number;
  /** In what no pool sees: 1, with several batches their mean; 0 for held-out examples, from which nothing is learnt. */
  readonly share: number;
  /** Gradients that no pool sees are added to those of the batches before. */
  readonly adds: boolean;
}

/** A step's one batch. */
export const onlyDraw = ({ tasks, places }: Draws): Draw => ({
  place: (term) => (term < tasks ? term : places),
  share: 1,
  adds: false,
});

/** The `k`-th batch of several. */
export const drawAt = ({ batches, tasks, places }: Draws, k: number): Draw => ({
  place: (term) => (term < tasks ? k * tasks + term : places),
  share: 1 / batches,
  adds: k > 0,
});

/** Held-out examples, of which only the target's gradient is taken. */
export const heldOutDraw = ({ batches, tasks }: Draws): Draw => ({
  place: () => batches * tasks,
  share: 0,
  adds: false,
});
