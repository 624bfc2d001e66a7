import type * as tfjs from "@tensorflow/tfjs-core";
import { withStatistics } from "./batch-norm.js";
import { type ExpertOptions, expertParts } from "./expert-options.js";
import { experts, expertSpecs } from "./experts.js";
import { gate, gateSpecs } from "./gates.js";
import type { TensorModel } from "./contract/tensor.js";
import { positive } from "./options.js";
import { towers } from "./towers.js";

export interface MmoeOptions extends ExpertOptions {
  /** Experts that all tasks share. Default: one more than there are tasks. */
  readonly experts?: number;
}

/**
 * Multi-gate mixture of experts (Ma et al. 2018): Eₖ = MLPₖ(x), hₜ = Σₖ softmax(Vₜ x)ₖ Eₖ, zₜ = towerₜ(hₜ). Shared: tables and
 * experts. Cut: the experts' outputs and the gates' own view of x. Reads impressions.
 */
export function mmoe(options: MmoeOptions): TensorModel {
  const parts = expertParts("mmoe", options);
  const { tasks, names, input, crossed, dropout, batchNorm, width } = parts;
  const { experts: count = tasks.length + 1 } = options;
  positive("mmoe", { experts: count });
  const shape = { prefix: "expert", count, widths: parts.expert, dropout, batchNorm };
  const sizes = { input: crossed.width, experts: count };
  const heads = towers(names, { name: "head", input: width, widths: parts.head, dropout, batchNorm });
  const called = Array.from({ length: count }, (_, k) => `expert.${k}`);
  return {
    kind: "tensor",
    name: "mmoe",
    options: { ...parts.options, experts: count },
    tables: [...input.specs, ...crossed.tables],
    ...withStatistics([
      ...input.variables,
      ...crossed.specs,
      ...expertSpecs(shape, crossed.width, { owner: null }),
      ...names.flatMap((task) => gateSpecs(`gate.${task}`, parts.gate, sizes, { owner: task })),
      ...heads.specs,
    ]),
    tasks,
    lookups: (batch) => [...input.lookups(batch), ...crossed.lookups(batch)],
    ...input.numerical,
    trunk(tf, inputs, variables, context) {
      const x = parts.read(tf, inputs, variables);
      return { experts: experts(tf, x, shape, variables, context), input: x };
    },
    heads(tf, cut, variables, context) {
      const read = (task: string): tfjs.Tensor2D => {
        const weights = gate(tf, cut["input"] as tfjs.Tensor2D, `gate.${task}`, parts.gate, variables, context);
        context.gate(task, called, weights);
        return context.mix(weights, [cut["experts"] as tfjs.Tensor3D]);
      };
      return heads.outputs(tf, read, variables, context);
    },
  };
}
