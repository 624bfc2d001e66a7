import type { Tensor, TensorBatch } from "@gradpool/models";
import { evaluation } from "./dropout.js";
import { headsForward, trunkForward } from "./forward.js";
import { productLogits } from "./funnel.js";
import { gatherInputs } from "./inputs.js";
import { headsOf, outputNames } from "./outputs.js";
import type { TensorParts } from "./work.js";

/** Each head's outputs on a batch, without dropout, in the order of `outputNames`. */
function headOutputs(parts: TensorParts, batch: TensorBatch): readonly Float32Array[] {
  const { tf, model, tables } = parts;
  tables.begin(1, () => "sum");
  const gathered = gatherInputs(model, batch, tables);
  const context = evaluation(tf);
  return tf.tidy(() =>
    headsForward(parts, trunkForward(parts, gathered, batch, context), context).map((output: Tensor) =>
      Float32Array.from(output.dataSync() as Float32Array),
    ),
  );
}

/** Each task's logits (an `mse` task's outputs) on a batch, without dropout. */
export function predict(parts: TensorParts, batch: TensorBatch): readonly Float32Array[] {
  const outputs = headOutputs(parts, batch);
  const names = outputNames(parts.model.tasks);
  return parts.model.tasks.map((task) =>
    productLogits(headsOf(task).map((head) => outputs[names.indexOf(head)] as Float32Array)),
  );
}
