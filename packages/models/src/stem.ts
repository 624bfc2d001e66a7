import type * as tfjs from "@tensorflow/tfjs-core";
import { withStatistics } from "./batch-norm.js";
import { type ExpertOptions, expertParts } from "./expert-options.js";
import { expertLevels, type LevelInputs } from "./expert-levels.js";
import { fieldInput } from "./field-input.js";
import type { TensorModel } from "./contract/tensor.js";
import { positive, refuse } from "./options.js";
import { towers } from "./towers.js";

export interface StemOptions extends Omit<ExpertOptions, "interaction" | "crossLayers"> {
  /** Default 1. */
  readonly layers?: number;
  /** A task's own experts, in a layer. Default 1. */
  readonly own?: number;
  /** Shared experts, in a layer. Default 1. */
  readonly shared?: number;
}

/**
 * Shared and task-specific embeddings (Su et al. 2024): a set of tables for each task and one for all. A task's gate reads its own
 * inputs and the shared ones added up, and mixes every expert, other tasks' without gradient. With one layer a task's tables and
 * experts are its own; from two on the shared gates between the layers make them shared. Cut: the shared experts' outputs and
 * the shared inputs as gates read them (and the last layer's tasks' inputs from two layers on). Reads impressions.
 */
export function stem(options: StemOptions): TensorModel {
  const { layers = 1, own = 1, shared = 1, numericalInput = "raw" } = options;
  if (numericalInput !== "raw") throw refuse("stem", "numericalInput", numericalInput, "give raw");
  const parts = expertParts("stem", { ...options, numericalInput, interaction: "none" });
  const { tasks, names, input, dropout, batchNorm, width, expert, gate } = parts;
  positive("stem", { layers, own, shared });
  const owned = layers === 1;
  const sets = names.map((task) =>
    fieldInput({ ...options, numericalInput }, { model: "stem", prefix: `task.${task}.`, owner: owned ? task : null }),
  );
  const sizes = { levels: layers, own, shared };
  const levels = expertLevels({
    ...sizes,
    tasks: names,
    expert,
    gate,
    dropout,
    batchNorm,
    input: input.width,
    mixes: "all",
  });
  const heads = towers(names, { name: "head", input: width, widths: parts.head, dropout, batchNorm });
  return {
    kind: "tensor",
    name: "stem",
    options: { ...parts.options, layers, own, shared },
    tables: [...input.specs, ...sets.flatMap(({ specs }) => specs)],
    ...withStatistics([...levels.specs, ...heads.specs]),
    tasks,
    lookups: (batch) => [input, ...sets].flatMap((set) => [...set.lookups(batch)]),
    ...input.numerical,
    trunk(tf, inputs, variables, context) {
      const x = input.read(tf, inputs, variables).x;
      const own = names.map((task, t) => [task, owned ? x : (sets[t] as typeof input).read(tf, inputs, {}).x] as const);
      const made = levels.below(tf, { tasks: Object.fromEntries(own), shared: x }, variables, context);
      const read = owned
        ? {}
        : Object.fromEntries(names.map((task) => [`input.${task}`, made.inputs.tasks[task] as tfjs.Tensor2D] as const));
      return { shared: made.shared, input: made.inputs.shared, ...read };
    },
    heads(tf, cut, variables, context) {
      const x = (task: string, t: number): tfjs.Tensor2D =>
        owned ? (sets[t] as typeof input).read(tf, cut, {}).x : (cut[`input.${task}`] as tfjs.Tensor2D);
      const inputs: LevelInputs = {
        tasks: Object.fromEntries(names.map((task, t) => [task, x(task, t)] as const)),
        shared: cut["input"] as tfjs.Tensor2D,
      };
      const mixed = levels.last(tf, inputs, cut["shared"] as tfjs.Tensor3D, variables, context);
      return heads.outputs(tf, (task) => mixed[task] as tfjs.Tensor2D, variables, context);
    },
  };
}
