import { GradpoolError } from "@gradpool/core";
import type { ForwardContext, Tensor, TensorBatch, TensorModel, TensorOps, Tensors } from "@gradpool/models";
import type { TrunkInput } from "./inputs.js";
import { outputNames } from "./outputs.js";
import type { TensorParts } from "./work.js";

type Passing = Pick<TensorParts, "tf" | "model" | "variables">;

export interface Forward {
  /** One per gathered input, in order. */
  readonly inputs: readonly Tensor[];
  /** The cut's tensors by name. */
  readonly cut: Tensors;
  /** What the heads read beside the cut: inputs of tables that a task owns, by name, and `numerical`. */
  readonly own: Tensors;
}

/** The gathered inputs as tensors. */
function upload(tf: TensorOps, gathered: readonly TrunkInput[], size: number): Tensor[] {
  // The cpu backend keeps the array that it is given, and blocks are memory that may move when more is needed.
  const copy = tf.getBackend() === "cpu";
  return gathered.map(({ values, width }) => tf.tensor2d(copy ? values.slice() : values, [size, width], "float32"));
}

/** Inputs → cut. */
export function trunkForward(
  { tf, model, variables }: Passing,
  gathered: readonly TrunkInput[],
  batch: TensorBatch,
  context: ForwardContext,
): Forward {
  const inputs = upload(tf, gathered, batch.size);
  const shared: Record<string, Tensor> = {};
  const own: Record<string, Tensor> = {};
  gathered.forEach(({ name, owner }, k) => ((owner === null ? shared : own)[name] = inputs[k] as Tensor));
  const numerical = model.numerical?.(batch);
  if (numerical !== undefined) {
    const { values, width } = numerical;
    own["numerical"] = tf.tensor2d(values.slice(0, batch.size * width), [batch.size, width], "float32");
    shared["numerical"] = own["numerical"];
  }
  const cut = model.trunk(tf, shared, variables.trunk(), context);
  if (Object.keys(cut).length === 0) throw missing(model, "trunk", "no tensor of the cut");
  return { inputs, cut, own };
}

/** Cut → outputs, [size, 1], in the order of `outputNames`. */
export function headsForward(
  { tf, model, variables }: Passing,
  { cut, own }: Pick<Forward, "cut" | "own">,
  context: ForwardContext,
): Tensor[] {
  const outputs = model.heads(tf, { ...own, ...cut }, variables.heads(), context);
  return outputNames(model.tasks).map((name) => {
    const output = outputs[name];
    if (output === undefined) throw missing(model, "heads", `no output ${name}`);
    return tf.reshape(output, [-1, 1]);
  });
}

const missing = ({ name, tasks }: TensorModel, where: string, what: string): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what,
    where: `model ${name}, ${where}`,
    remedy: `answer with tensors by name, outputs for ${outputNames(tasks).join(", ")}`,
  });
