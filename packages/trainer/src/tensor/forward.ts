import type { ForwardContext, Tensor, TensorBatch, TensorModel, TensorOps } from "@gradpool/models";
import type { TrunkInput } from "./inputs.js";
import type { TensorParts } from "./work.js";

type Passing = Pick<TensorParts, "tf" | "model" | "variables">;

export interface Forward {
  /** One per gathered input, in order. */
  readonly inputs: readonly Tensor[];
  /** [size, width]. */
  readonly representation: ReturnType<TensorModel["trunk"]>;
}

/** The gathered inputs as tensors. */
function upload(tf: TensorOps, gathered: readonly TrunkInput[], size: number): Tensor[] {
  // The cpu backend keeps the array that it is given, and blocks are memory that may move when more is needed.
  const copy = tf.getBackend() === "cpu";
  return gathered.map(({ values, width }) => tf.tensor2d(copy ? values.slice() : values, [size, width], "float32"));
}

/** Inputs → representation. */
export function trunkForward(
  { tf, model, variables }: Passing,
  gathered: readonly TrunkInput[],
  batch: TensorBatch,
  context: ForwardContext,
): Forward {
  const inputs = upload(tf, gathered, batch.size);
  const named: Record<string, Tensor> = {};
  gathered.forEach(({ name }, k) => (named[name] = inputs[k] as Tensor));
  const numerical = model.numerical?.(batch);
  if (numerical !== undefined) {
    const { values, width } = numerical;
    named["numerical"] = tf.tensor2d(values.slice(0, batch.size * width), [batch.size, width], "float32");
  }
  return { inputs, representation: model.trunk(tf, named, variables.shared(), context) };
}

/** Representation → outputs, [size, 1], of the wanted tasks; null for the others. */
export function headsForward(
  { tf, model, variables }: Passing,
  representation: Forward["representation"],
  context: ForwardContext,
  wanted: readonly boolean[],
): (Tensor | null)[] {
  return model.tasks.map(({ name }, t) =>
    wanted[t] === true
      ? tf.reshape(model.head(tf, name, representation, variables.head(name), context), [-1, 1])
      : null,
  );
}
