import type { ForwardContext, Tensor, TensorBatch, TensorModel, TensorOps } from "@gradpool/models";
import type { Slot } from "./slots.js";
import type { DeviceVariables } from "./variables.js";

export interface Forward {
  /** One per slot, in order. */
  readonly inputs: readonly Tensor[];
  readonly representation: Tensor;
  /** [size, 1] per task; null: not wanted. */
  readonly outputs: readonly (Tensor | null)[];
  /** The wanted outputs, one below the other. */
  readonly joined: Tensor;
}

/** The slots as tensors. */
export function uploadSlots(tf: TensorOps, slots: readonly Slot[], size: number): Tensor[] {
  // The cpu backend keeps the array that it is given, and blocks are memory that may move when more is needed.
  const copy = tf.getBackend() === "cpu";
  return slots.map(({ values, width }) => tf.tensor2d(copy ? values.slice() : values, [size, width], "float32"));
}

/** Inputs → representation → outputs of the wanted tasks. */
export function forward(
  tf: TensorOps,
  model: TensorModel,
  slots: readonly Slot[],
  batch: TensorBatch,
  variables: DeviceVariables,
  context: ForwardContext,
  wanted: readonly boolean[],
  inputs: readonly Tensor[],
): Forward {
  const named: Record<string, Tensor> = {};
  slots.forEach(({ name }, k) => (named[name] = inputs[k] as Tensor));
  const numerical = model.numerical?.(batch);
  if (numerical !== undefined) {
    const { values, width } = numerical;
    named["numerical"] = tf.tensor2d(values.slice(0, batch.size * width), [batch.size, width], "float32");
  }
  const representation = model.trunk(tf, named, variables.shared, context);
  const outputs = model.tasks.map(({ name }, t): Tensor | null =>
    wanted[t] === true
      ? tf.reshape(model.head(tf, name, representation, variables.head(name), context), [batch.size, 1])
      : null,
  );
  const some = outputs.filter((output) => output !== null);
  return { inputs, representation, outputs, joined: some.length === 1 ? (some[0] as Tensor) : tf.concat(some) };
}
