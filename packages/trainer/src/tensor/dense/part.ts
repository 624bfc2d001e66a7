import type { ParameterInfo } from "@gradpool/core";
import type { GradientPart } from "../../gradients/part.js";
import type { DenseParameter } from "./groups.js";
import type { DenseStore } from "./store.js";

/** Shared dense variables as a part of the step's task gradients. An absent task's gradient is zero, and is not read. */
export function densePart(
  store: DenseStore,
  parameters: readonly DenseParameter[],
  present: readonly boolean[],
): GradientPart {
  const tasks = present.length;
  const find = (name: string): DenseParameter =>
    parameters.find((parameter) => parameter.name === name) as DenseParameter;
  return {
    tasks,
    parameters: parameters.map(({ name, size }): ParameterInfo => ({ name, kind: "dense", size, width: 1 })),
    gram(_granularity, detail) {
      const cells = tasks * tasks;
      const out = new Float64Array(parameters.length * cells);
      parameters.forEach((parameter, k) =>
        store.gram(parameter, present, detail === "norms", out.subarray(k * cells, (k + 1) * cells)),
      );
      return out;
    },
    values(name) {
      const parameter = find(name);
      return present.map((here, t) => (here ? store.gradient(parameter, t) : new Float32Array(parameter.size)));
    },
  };
}
