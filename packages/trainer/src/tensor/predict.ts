import type { Tensor, TensorBatch } from "@gradpool/models";
import { evaluation } from "./dropout.js";
import { headsForward, trunkForward } from "./forward.js";
import { gatherInputs } from "./inputs.js";
import type { TensorParts } from "./work.js";

/** Each task's outputs on a batch, without dropout. */
export function predict(parts: TensorParts, batch: TensorBatch): readonly Float32Array[] {
  const { tf, model, tables, placement } = parts;
  tables.begin(1, () => "sum");
  const gathered = gatherInputs(model, batch, tables);
  return tf.tidy(() => {
    const { representation } = trunkForward(parts, gathered, batch, evaluation);
    const all = placement.tasks.names.map(() => true);
    return headsForward(parts, representation, evaluation, all).map((output) =>
      Float32Array.from((output as Tensor).dataSync() as Float32Array),
    );
  });
}
