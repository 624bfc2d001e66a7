import type { Engine, StepInput } from "@gradpool/trainer";
import type { Stepper } from "./types.js";

/** Steps of an engine on the same few inputs, over and over. */
export function stepperOf(
  engine: Engine,
  samples: number,
  inputs: readonly Pick<StepInput, "batches" | "joint">[],
): Stepper {
  let done = 0;
  return {
    backend: engine.backend,
    level: engine.level,
    samples,
    step() {
      done++;
      engine.step({ step: done, epoch: 1, ...inputs[done % inputs.length] });
    },
  };
}
