import { outer, type Tensor, type TensorOps } from "@gradpool/models";
import { addGram } from "./gram.js";
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
  const products = (place: number): Product[] =>
    terms.flatMap((gradients, term) =>
      mixtures.flatMap((mixture, k): Product[] => {
        const arrived = gradients?.mixtures[k] ?? null;
        return mixture.cut === place && arrived !== null ? [{ term, weights: mixture.weights, arrived }] : [];
      }),
    );
  /** One term's gradient of one tensor, written out; null: zero. */
  const whole = (term: number, place: number): Tensor | null => {
    const taped = terms[term]?.cut[place] ?? null;
    const parts = products(place)
      .filter((product) => product.term === term)
      .map(({ weights, arrived }): Tensor => outer(tf, weights, arrived));
    if (taped !== null) parts.push(taped);
    return parts.length > 1 ? tf.addN(parts) : (parts[0] ?? null);
  };
  return {
    one: (term) => cut.map((like, place) => whole(term, place) ?? tf.zerosLike(like)),
    sum: (weights) =>
      cut.map((like, place) => {
        const mixed = products(place);
        const onTape = terms.map((gradients) => gradients?.cut[place] ?? null);
        if (mixed.length === 0) return sumOnDevice(tf, onTape, weights, like);
        const sum = sumOfProducts(tf, mixed, weights);
        return onTape.every((gradient) => gradient === null)
          ? sum
          : tf.add(sum, sumOnDevice(tf, onTape, weights, like));
      }),
    gram() {
      // Elsewhere the host is faster, and more exact.
      if (tf.getBackend() !== "tensorflow") return null;
      const out = new Float64Array(tasks * tasks);
      const places = Array.from({ length: tasks }, (_, task) => task);
      cut.forEach((_, place) => {
        const mixed = products(place).filter(({ term }) => term < tasks);
        const onlyMixed = places.every((task) => (terms[task]?.cut[place] ?? null) === null);
        if (onlyMixed && mixed.length > 0) gramOfProducts(tf, mixed, tasks, out);
        else addGram(tf, places.map((task) => whole(task, place)), out); // prettier-ignore
      });
      return out;
    },
  };
}
