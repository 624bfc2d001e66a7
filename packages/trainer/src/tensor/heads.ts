import type { Tensor } from "@gradpool/models";
import { weightedSum } from "./representation.js";
import type { StepWork } from "./step.js";
import type { Backward } from "./tape.js";

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

/** Heads as the model defines them, on the tape. */
export function tapedHeads(
  work: StepWork,
  representation: Tensor,
  outputs: readonly (Tensor | null)[],
  backward: Backward,
): HeadsPass {
  const { tf, dense, plan, variables, batch } = work;
  return {
    outputs() {
      const some = outputs.filter((output) => output !== null);
      return (some.length === 1 ? (some[0] as Tensor) : tf.concat(some)).dataSync() as Float32Array;
    },
    backward(errors) {
      const arriving = outputs.map((output, t): Tensor | null => {
        if (output === null) return null;
        const task = plan.tasks.names[t] as string;
        const own = dense.head(task);
        const xs = [representation, ...own.map(({ name }) => variables.head(task)[name] as Tensor)];
        const dy = tf.tensor2d(errors[t] as Float32Array, [batch.size, 1], "float32");
        const [first, ...rest] = backward(output, xs, dy);
        own.forEach((p, k) => dense.gradient(p, task, t).set((rest[k] as Tensor).dataSync() as Float32Array));
        return first as Tensor;
      });
      return {
        one: (task) => arriving[task] as Tensor,
        sum: (weights) => weightedSum(tf, arriving, weights, representation),
        gram: () => null,
      };
    },
  };
}
