import { given, type Method } from "@gradpool/core";
import { assert, assertClose, norm } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { creator } from "./create.js";
import { denseStep, play } from "./scenario.js";

/** What the method must answer to given gradients, state carried from step to step. */
export interface KnownAnswer {
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** steps × T × P. */
  readonly steps: readonly (readonly (readonly number[])[])[];
  /** steps × P. */
  readonly combined: readonly (readonly number[])[];
  readonly target?: number;
  readonly seed?: number;
  readonly order?: readonly (readonly number[])[];
  /** Relative to the largest gradient's norm; default 1e-9. */
  readonly tolerance?: number;
}

export function knownCase(method: Method, answer: KnownAnswer): ConformanceCase {
  const { name, options, steps, combined, target = 0, seed = 1, order, tolerance = 1e-9 } = answer;
  return check("known answers", `gives the known answer: ${name}`, () => {
    const tasks = steps[0]?.length ?? 0;
    const got = play(creator(method)(options), {
      tasks,
      target,
      seed,
      steps: steps.map((gradients) => denseStep(gradients)),
      ...given({ order }),
    });
    assert(combined.length === steps.length, () => `${steps.length} steps, but ${combined.length} answers`);
    steps.forEach((gradients, k) => {
      const size = Math.max(...gradients.map(norm));
      assertClose(got.combined[k] as Float64Array, combined[k] as readonly number[], tolerance * size, `step ${k + 1}`);
    });
  });
}
