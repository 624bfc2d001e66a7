import type { Tensor } from "@gradpool/models";
import type { Backward } from "../../tape/tape.js";
import type { HeadsPass, HeadsWork } from "./pass.js";
import { sumOnDevice } from "./sum.js";

/** Heads as the model defines them, on the tape. */
export function tapedHeads(
  work: HeadsWork,
  representation: Tensor,
  outputs: readonly (Tensor | null)[],
  backward: Backward,
): HeadsPass {
  const { tf, dense, names, variables, size } = work;
  return {
    outputs() {
      const some = outputs.filter((output) => output !== null);
      return (some.length === 1 ? (some[0] as Tensor) : tf.concat(some)).dataSync() as Float32Array;
    },
    backward(errors) {
      const arriving = outputs.map((output, t): Tensor | null => {
        if (output === null) return null;
        const task = names[t] as string;
        const own = dense.head(task);
        const xs = [representation, ...own.map(({ name }) => variables.head(task)[name] as Tensor)];
        const dy = tf.tensor2d(errors[t] as Float32Array, [size, 1], "float32");
        const [first, ...rest] = backward(output, xs, dy);
        own.forEach((p, k) => dense.gradient(p, task, t).set((rest[k] as Tensor).dataSync() as Float32Array));
        return first as Tensor;
      });
      return {
        one: (task) => arriving[task] as Tensor,
        sum: (weights) => sumOnDevice(tf, arriving, weights, representation),
        gram: () => null,
      };
    },
  };
}
