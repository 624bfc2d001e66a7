import type { Initializer, VariableSpec } from "./contract/parameters.js";
import type { TensorModel } from "./contract/tensor.js";
import { layered, type PleOptions } from "./ple.js";

export type PleDeepfmOptions = PleOptions;

/**
 * GradCraft's backbone (Bai et al. 2024): CGC with one own expert per task and one shared, dropout 0.2, and towers 32-16 that read
 * FM's second-order term beside what the gates mix. Hidden kernels start at N(0, 0.01), biases and last layers at U(±1/√inputs).
 */
export function pleDeepfm(options: PleDeepfmOptions): TensorModel {
  const model = layered("ple-deepfm", { levels: 1, head: [32, 16], dropout: 0.2, ...options }, true);
  return { ...model, variables: startLikeTorch(model.variables) };
}

function startLikeTorch(variables: readonly VariableSpec[]): VariableSpec[] {
  const inputs = new Map(variables.map(({ name, shape }) => [name, shape[0] as number]));
  return variables.map((spec): VariableSpec => {
    const { name, shape } = spec;
    if (name.includes(".norm.")) return spec;
    const last = shape.at(-1) === 1 || name.includes(".gate.");
    const hidden = name.endsWith(".weight") && !last;
    const reads = inputs.get(name.replace(/bias$/, "weight")) as number;
    const init: Initializer = hidden ? { kind: "normal", std: 0.01 } : { kind: "uniform", bound: 1 / Math.sqrt(reads) };
    return { ...spec, init };
  });
}
