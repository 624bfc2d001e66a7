import { outer, type Tensor, type TensorOps } from "@gradpool/models";
import { addGram, rowOfStacked, type Stacked, stacked, sumOfStacked } from "./gram.js";
import { gramOfProducts, type Mixture, type Product, sumOfProducts } from "./mixtures.js";
import type { Arrived } from "./pass.js";
import { sumOnDevice } from "./sum.js";

/** One term's pass back: what arrives at each tensor of the cut on the tape, and at each mixture of it; null: nothing. */
export interface TermGradients {
  readonly cut: readonly (Tensor | null)[];
  readonly mixtures: readonly (Tensor | null)[];
}

/** What arrives at a cut from passes back term by term. `terms`: null where a term is absent; the tasks are the first of them. */
export function arrivedBy(
  tf: TensorOps,
  cut: readonly Tensor[],
  mixtures: readonly Mixture[],
  terms: readonly (TermGradients | null)[],
  tasks: number,
): Arrived {
  /** By tensor: what the Gram was made of, which any sum is a product with. The tasks' gradients are in there, and no longer beside it. */
  const stacks: (Stacked | null)[] = [];
  const products = (place: number): Product[] =>
    terms.flatMap((gradients, term) =>
      mixtures.flatMap((mixture, k): Product[] => {
        const arrived = gradients?.mixtures[k] ?? null;
        return mixture.cut === place && arrived !== null ? [{ term, weights: mixture.weights, arrived }] : [];
      }),
    );
  /** One term's gradient of one tensor, written out; null: zero. */
  const whole = (term: number, place: number): Tensor | null => {
    const stack = stacks[place] ?? null;
    if (stack !== null && term < tasks) return rowOfStacked(tf, stack, term, cut[place] as Tensor);
    const taped = terms[term]?.cut[place] ?? null;
    const parts = products(place)
      .filter((product) => product.term === term)
      .map(({ weights, arrived }): Tensor => outer(tf, weights, arrived));
    if (taped !== null) parts.push(taped);
    return parts.length > 1 ? tf.addN(parts) : (parts[0] ?? null);
  };
  const isMixed = (place: number): boolean =>
    terms.every((gradients) => (gradients?.cut[place] ?? null) === null) && products(place).length > 0;
  const sumAt = (like: Tensor, place: number, weights: ArrayLike<number>): Tensor => {
    if (isMixed(place)) return sumOfProducts(tf, products(place), weights);
    const stack = stacks[place] ?? null;
    const each = terms.map((_, term) => (stack !== null && term < tasks ? null : whole(term, place)));
    if (stack === null) return sumOnDevice(tf, each, weights, like);
    const sum = sumOfStacked(tf, stack, weights, like);
    return each.every((gradient) => gradient === null) ? sum : tf.add(sum, sumOnDevice(tf, each, weights, like));
  };
  return {
    one: (term) => cut.map((like, place) => whole(term, place) ?? tf.zerosLike(like)),
    sum: (weights) => cut.map((like, place) => sumAt(like, place, weights)),
    gram() {
      // Elsewhere the host is faster, and more exact.
      if (tf.getBackend() !== "tensorflow") return null;
      const out = new Float64Array(tasks * tasks);
      cut.forEach((_, place) => {
        if (isMixed(place)) {
          const own = products(place).filter(({ term }) => term < tasks);
          if (own.length > 0) gramOfProducts(tf, own, tasks, out);
          return;
        }
        const stack = stacked(tf, tasks, (task) => whole(task, place));
        stacks[place] = stack;
        if (stack === null) return;
        for (const gradients of terms.slice(0, tasks)) gradients?.cut[place]?.dispose();
        addGram(tf, stack, tasks, out);
      });
      return out;
    },
    release(but) {
      const held = terms.flatMap((gradients) => (gradients === null ? [] : [...gradients.cut, ...gradients.mixtures]));
      // A sum of one gradient is that gradient.
      for (const tensor of [...held, ...stacks.map((stack) => stack?.rows)])
        if (!but.includes(tensor as Tensor)) tensor?.dispose();
    },
  };
}
