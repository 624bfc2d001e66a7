import { GradpoolError } from "@gradpool/core";
import type { Initializer } from "@gradpool/models";
import { initialize } from "./initialize.js";

/** A parameter, as far as its start values go. */
export interface Starting {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: Initializer;
}

/** Fills `out` with the values given for this parameter, or else with its initializer's. Error `shape`: their number. */
export function startValues(
  out: Float32Array,
  { name, shape, init }: Starting,
  seed: number,
  initial: ReadonlyMap<string, Float32Array> | undefined,
): void {
  const values = initial?.get(name);
  if (values === undefined) {
    initialize(out, shape, init, seed, name);
    return;
  }
  if (values.length !== out.length) {
    throw new GradpoolError({
      code: "shape",
      what: `${values.length} start values`,
      where: name,
      remedy: `give ${shape.join(" × ")} = ${out.length}`,
    });
  }
  out.set(values);
}
