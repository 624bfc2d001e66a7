import type * as tfjs from "@tensorflow/tfjs-core";
import { tower, towerSpecs } from "./mlp.js";
import type { VariableSpec } from "./contract/parameters.js";
import type { ForwardContext, TensorOps, Tensors, UniformHeads } from "./contract/tensor.js";

/** One tower per task, all alike: `<name>.<task>.<k>`. */
export interface Towers {
  readonly specs: readonly VariableSpec[];
  /** Absent where a layer normalises: the trainer's stacks of matrices do not. */
  readonly uniform?: UniformHeads;
  /** The outputs by task, each from what its tower reads. */
  outputs(
    tf: TensorOps,
    read: (task: string) => tfjs.Tensor2D,
    variables: Tensors,
    context: ForwardContext,
  ): Record<string, tfjs.Tensor2D>;
}

export interface TowerShape {
  /** Before the task's name in its variables' names. */
  readonly name: string;
  readonly input: number;
  /** Hidden layers; none: linear. */
  readonly widths: readonly number[];
  readonly dropout: number;
  /** Batch normalisation in hidden layers. Default false. */
  readonly batchNorm?: boolean;
}

export function towers(tasks: readonly string[], shape: TowerShape): Towers {
  const { name, input, widths, dropout, batchNorm = false } = shape;
  const prefix = (task: string): string => `${name}.${task}`;
  return {
    specs: tasks.flatMap((task) => towerSpecs(prefix(task), input, widths, task, batchNorm)),
    ...(batchNorm && widths.length > 0 ? {} : { uniform: { hidden: widths.length, dropout, prefix } }),
    outputs(tf, read, variables, context) {
      const stack = (task: string) => ({ prefix: prefix(task), layers: widths.length, dropout, batchNorm });
      return Object.fromEntries(
        tasks.map((task) => [task, tower(tf, read(task), stack(task), variables, context)] as const),
      );
    },
  };
}
