import type { Engine, StepInput } from "@gradpool/trainer";
import type { Stepper } from "./types.js";

/** Steps of an engine on the same few inputs, over and over. */
export function stepperOf(
  engine: Engine,
  samples: number,
  inputs: readonly Pick<StepInput, "batches" | "joint">[],
  backend: string = engine.backend,
): Stepper {
  let done = 0;
  return {
    backend,
    level: engine.level,
    samples,
    step() {
      done++;
      const given = (after: number) => inputs[(done + after) % inputs.length] as (typeof inputs)[number];
      const further = [1, 2].slice(0, engine.needs.batches - 1).map(given);
      engine.step({
        step: done,
        epoch: 1,
        ...given(0),
        ...(further.length > 0 && { further }),
        ...(engine.needs.validation?.(done) === true && { validation: given(3) }),
      });
    },
  };
}
