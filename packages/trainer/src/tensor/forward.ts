import type { ForwardContext, Tensor, TensorBatch, TensorModel, TensorOps } from "@gradpool/models";
import type { Slot } from "./inputs.js";
import type { DeviceVariables } from "./dense/on-device.js";

export interface Forward {
  /** One per slot, in order. */
  readonly inputs: readonly Tensor[];
  /** [size, width]. */
  readonly representation: ReturnType<TensorModel["trunk"]>;
}

/** The slots as tensors. */
function uploadSlots(tf: TensorOps, slots: readonly Slot[], size: number): Tensor[] {
  // The cpu backend keeps the array that it is given, and blocks are memory that may move when more is needed.
  const copy = tf.getBackend() === "cpu";
  return slots.map(({ values, width }) => tf.tensor2d(copy ? values.slice() : values, [size, width], "float32"));
}

/** Inputs → representation. */
export function trunkForward(
  tf: TensorOps,
  model: TensorModel,
  slots: readonly Slot[],
  batch: TensorBatch,
  variables: DeviceVariables,
  context: ForwardContext,
): Forward {
  const inputs = uploadSlots(tf, slots, batch.size);
  const named: Record<string, Tensor> = {};
  slots.forEach(({ name }, k) => (named[name] = inputs[k] as Tensor));
  const numerical = model.numerical?.(batch);
  if (numerical !== undefined) {
    const { values, width } = numerical;
    named["numerical"] = tf.tensor2d(values.slice(0, batch.size * width), [batch.size, width], "float32");
  }
  return { inputs, representation: model.trunk(tf, named, variables.shared(), context) };
}

/** Representation → outputs, [size, 1], of the wanted tasks; null for the others. */
export function headsForward(
  tf: TensorOps,
  model: TensorModel,
  representation: Forward["representation"],
  variables: DeviceVariables,
  context: ForwardContext,
  wanted: readonly boolean[],
): (Tensor | null)[] {
  return model.tasks.map(({ name }, t) =>
    wanted[t] === true
      ? tf.reshape(model.head(tf, name, representation, variables.head(name), context), [-1, 1])
      : null,
  );
}
