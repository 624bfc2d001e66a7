import type { UniformHeads } from "@gradpool/models";
import type { DenseParameter } from "../dense/groups.js";
import type { HeadsWork } from "./pass.js";

/** The layers of the present tasks' heads on the host: their values, and the places of their gradients. */
export interface HeadLayers {
  /** The present tasks' indices. */
  readonly here: readonly number[];
  /** Shape of a layer's weights in every head: inputs × outputs. */
  shape(layer: number): readonly [inputs: number, outputs: number];
  /** Values of the p-th present head. */
  values(p: number, layer: number, kind: "weight" | "bias"): Float32Array;
  /** Where the p-th present head's gradient is written. */
  gradient(p: number, layer: number, kind: "weight" | "bias"): Float32Array;
}

/**
 * x · scale, in place. Inverted dropout of what a layer reads, (s m ∘ z) W, is taken as (m ∘ z) (s W): the small matrix and
 * its gradient are scaled, not the batch's activations, and ReLU's gradient at m ∘ z is the mask's as well.
 */
export function scaled(x: Float32Array, scale: number): Float32Array {
  if (scale !== 1) for (let k = 0; k < x.length; k++) x[k] = (x[k] as number) * scale;
  return x;
}

export function headLayers(
  { dense, names: tasks }: HeadsWork,
  heads: UniformHeads,
  present: readonly boolean[],
): HeadLayers {
  const here = present.flatMap((p, t) => (p ? [t] : []));
  const names = here.map((t) => tasks[t] as string);
  function find(task: string, layer: number, kind: "weight" | "bias"): DenseParameter {
    const name = `${heads.prefix(task)}.${layer}.${kind}`;
    const parameter = dense.own(task).find((candidate) => candidate.name === name);
    if (parameter === undefined) throw new RangeError(`no variable ${name}: the model's heads are not uniform`);
    return parameter;
  }
  return {
    here,
    shape: (layer) => find(names[0] as string, layer, "weight").shape as [number, number],
    values: (p, layer, kind) => dense.values(find(names[p] as string, layer, kind).name),
    gradient(p, layer, kind) {
      const task = names[p] as string;
      return dense.gradient(find(task, layer, kind), here[p] as number);
    },
  };
}
