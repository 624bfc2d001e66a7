import type * as tfjs from "@tensorflow/tfjs-core";
import { withStatistics } from "./batch-norm.js";
import { type ExpertOptions, expertParts, type ExpertParts } from "./expert-options.js";
import { expertLevels, type LevelInputs } from "./expert-levels.js";
import { secondOrder } from "./interactions.js";
import type { TensorModel, TensorOps, Tensors } from "./contract/tensor.js";
import { positive } from "./options.js";
import { towers } from "./towers.js";

export interface CgcOptions extends ExpertOptions {
  /** A task's own experts, in a level. Default 1. */
  readonly own?: number;
  /** Shared experts, in a level. Default 1. */
  readonly shared?: number;
}

export interface PleOptions extends CgcOptions {
  /** Default 2. */
  readonly levels?: number;
}

/**
 * Customized gate control (Tang et al. 2020): each task mixes its own experts with the shared ones by softmax(Vₜ x). Shared:
 * tables and shared experts. Cut: the shared experts' outputs, and x as own experts and gates read it. Reads impressions.
 */
export const cgc = (options: CgcOptions): TensorModel => layered("cgc", { ...options, levels: 1 }, false);

/**
 * Progressive layered extraction (Tang et al. 2020): levels of CGC, between which a shared gate mixes all experts, so that own
 * experts below the last level are shared too, by the losses that reach them. Cut: the last level's shared experts'
 * outputs, and its tasks' inputs (the gates that make these belong to one task, and stand below the cut). Reads impressions.
 */
export const ple = (options: PleOptions): TensorModel => layered("ple", options, false);

/** PLE whose towers also read the sum of all products of two embeddings, one number: then `fm` is part of the cut. */
export function layered(name: string, options: PleOptions, withFm: boolean): TensorModel {
  const parts = expertParts(name, options);
  const { tasks, names, input, crossed, dropout, batchNorm, width } = parts;
  const { levels: count = 2, own = 1, shared = 1 } = options;
  positive(name, { levels: count, own, shared });
  const { expert, gate } = parts;
  const sizes = { levels: count, own, shared };
  const levels = expertLevels({
    ...sizes,
    tasks: names,
    expert,
    gate,
    dropout,
    batchNorm,
    input: crossed.width,
    mixes: "own",
  });
  const heads = towers(names, {
    name: "head",
    input: width + (withFm ? 1 : 0),
    widths: parts.head,
    dropout,
    batchNorm,
  });
  return {
    kind: "tensor",
    name,
    options: { ...parts.options, ...sizes },
    tables: [...input.specs, ...crossed.tables],
    ...withStatistics([...input.variables, ...crossed.specs, ...levels.specs, ...heads.specs]),
    tasks,
    lookups: (batch) => [...input.lookups(batch), ...crossed.lookups(batch)],
    ...input.numerical,
    trunk(tf, inputs, variables, context) {
      const x = parts.read(tf, inputs, variables);
      const first: LevelInputs = { tasks: Object.fromEntries(names.map((task) => [task, x] as const)), shared: x };
      const made = levels.below(tf, first, variables, context);
      const read =
        count === 1
          ? { input: x }
          : Object.fromEntries(names.map((task) => [`input.${task}`, made.inputs.tasks[task] as tfjs.Tensor2D]));
      const fm = withFm ? { fm: products(tf, parts, inputs, variables) } : {};
      return { shared: made.shared, ...read, ...fm };
    },
    heads(tf, cut, variables, context) {
      const x = (task: string): tfjs.Tensor2D => cut[count === 1 ? "input" : `input.${task}`] as tfjs.Tensor2D;
      const inputs = { tasks: Object.fromEntries(names.map((task) => [task, x(task)] as const)), shared: x("") };
      const mixed = levels.last(tf, inputs, cut["shared"] as tfjs.Tensor3D, variables, context);
      const read = (task: string): tfjs.Tensor2D => {
        const own = mixed[task] as tfjs.Tensor2D;
        return withFm ? tf.concat([cut["fm"] as tfjs.Tensor2D, own], 1) : own;
      };
      return heads.outputs(tf, read, variables, context);
    },
  };
}

/** FM's second-order term of the inputs. */
function products(tf: TensorOps, { input }: ExpertParts, inputs: Tensors, variables: Tensors): tfjs.Tensor2D {
  const { embeddings } = input.read(tf, inputs, variables);
  return secondOrder(tf, embeddings, input.count, input.dim);
}
