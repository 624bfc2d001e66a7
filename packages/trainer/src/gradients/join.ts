import {
  type Combined,
  type FloatArray,
  GradpoolError,
  type GroupWeights,
  type ParameterInfo,
  type TaskGradients,
} from "@gradpool/core";
import { gramsOf } from "./grams.js";
import { layoutOf, type ParameterWeights } from "./layout.js";
import type { GradientPart } from "./part.js";

/** The task gradients of a step, whose combination is put off so that it can be fused with the optimiser. */
export interface JoinedGradients extends TaskGradients {
  /**
   * The weights behind a combined gradient that `combine` of these gradients made, parameter by parameter. Null for any
   * other combined gradient: read its values then.
   */
  weightsOf(combined: Combined, parameter: string): ParameterWeights | null;
}

/** Joins parts, wherever they are kept, into what a pool sees. A Gram is computed when asked for, and once. */
export function joinParts(parts: readonly GradientPart[], present: readonly boolean[]): JoinedGradients {
  const tasks = present.length;
  const layout = layoutOf(parts);
  const decided = new WeakMap<Combined, GroupWeights>();
  return {
    tasks,
    present,
    parameters: layout.parameters,
    gram: gramsOf(parts, present, layout),
    values: (parameter) => layout.values(parameter),
    combine(weights) {
      requireCount(weights, layout.groups(weights.granularity) * tasks);
      const combined: Combined = {
        weights,
        value: (name) => combineValues(layout.info(name), layout.values(name), layout.cut(weights, name, tasks), tasks),
      };
      decided.set(combined, weights);
      return combined;
    },
    assemble: (values) => ({ value: (name) => requireSize(layout.info(name), values.get(name)) }),
    weightsOf(combined, parameter) {
      const weights = decided.get(combined);
      return weights === undefined ? null : layout.cut(weights, parameter, tasks);
    },
  };
}

function requireCount({ weights, granularity }: GroupWeights, expected: number): void {
  if (weights.length === expected) return;
  throw new GradpoolError({
    code: "shape",
    what: `${weights.length} weights per ${granularity}`,
    where: "combine",
    remedy: `give ${expected}: groups × tasks`,
  });
}

function requireSize({ name, size }: ParameterInfo, value: FloatArray | undefined): FloatArray {
  if (value?.length === size) return value;
  throw new GradpoolError({
    code: "shape",
    what: `combined gradient has ${value?.length ?? "no"} coordinates`,
    where: name,
    remedy: `give ${size}`,
  });
}

/** Σ wᵢ gᵢ of one parameter, group by group. */
function combineValues(
  { size, width: columns }: ParameterInfo,
  values: readonly FloatArray[],
  { granularity, weights }: ParameterWeights,
  tasks: number,
): Float32Array {
  const out = new Float32Array(size);
  const width = granularity === "row" ? columns : size;
  for (let p = 0; p < size; p++) {
    const base = Math.floor(p / width) * tasks;
    let sum = 0;
    for (let i = 0; i < tasks; i++) sum += (weights[base + i] as number) * ((values[i] as FloatArray)[p] as number);
    out[p] = sum;
  }
  return out;
}
