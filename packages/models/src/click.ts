import type * as tfjs from "@tensorflow/tfjs-core";
import { withStatistics } from "./batch-norm.js";
import { fieldInput, type FieldOptions } from "./field-input.js";
import { interaction, type InteractionName } from "./interactions.js";
import { hidden, hiddenSpecs } from "./mlp.js";
import type { TensorModel, TensorTask } from "./contract/tensor.js";
import { distinct, fraction, positive } from "./options.js";
import { towers } from "./towers.js";

export interface ClickOptions extends FieldOptions {
  /** Task names (binary), or tasks. The target first. */
  readonly tasks: readonly (string | TensorTask)[];
  /** Default `dcn`. `none`: the embeddings go to the trunk as they are. */
  readonly interaction?: InteractionName;
  /** DCN's layers. Default 2. */
  readonly crossLayers?: number;
  /** DCN's layers: `stacked` (default) before the trunk, `parallel` beside it. */
  readonly structure?: "stacked" | "parallel";
  /** The trunk's layers, ReLU after each; the last one is the shared representation. Default 256-128-64. */
  readonly trunk?: readonly number[];
  /** Hidden layers of a head. Default 32. */
  readonly head?: readonly number[];
  /** After every hidden layer. Default 0. */
  readonly dropout?: number;
  /** Batch normalisation before every ReLU. Default false. */
  readonly batchNorm?: boolean;
}

/**
 * A click model, the shared bottom of impressions: embeddings of categorical fields and numerical inputs, an interaction (DCN's
 * cross layers, DCN-v2's, DeepFM's products, or FM's two terms), an MLP whose last layer is the shared representation, and one head per
 * task. Reads impressions.
 */
export function clickModel(options: ClickOptions): TensorModel {
  const { interaction: named = "dcn", crossLayers = 2, structure = "stacked", dropout = 0 } = options;
  const { trunk = [256, 128, 64], head = [32], batchNorm = false } = options;
  const tasks = options.tasks.map((task): TensorTask =>
    typeof task === "string" ? { name: task, objective: "bce" } : task,
  );
  positive("clickModel", { trunk: Math.min(...trunk), ...(head.length > 0 ? { head: Math.min(...head) } : {}) });
  fraction("clickModel", "dropout", dropout);
  distinct(
    "clickModel",
    "tasks",
    tasks.map((task) => task.name),
  );
  const input = fieldInput(options, { model: "clickModel" });
  const crossed = interaction(named, input, crossLayers);
  const beside = structure === "parallel" && named.startsWith("dcn");
  const deep = beside ? input.width : crossed.width;
  const heads = towers(
    tasks.map(({ name }) => name),
    { name: "head", input: (trunk.at(-1) as number) + (beside ? crossed.width : 0), widths: head, dropout, batchNorm },
  );
  const stack = { prefix: "trunk", layers: trunk.length, dropout, batchNorm };
  return {
    kind: "tensor",
    name: "clickModel",
    options: {
      ...input.options,
      interaction: named,
      crossLayers,
      structure,
      trunk: [...trunk],
      head: [...head],
      dropout,
      batchNorm,
      tasks: tasks.map(({ name, objective }) => ({ name, objective })),
    },
    tables: [...input.specs, ...crossed.tables],
    ...withStatistics([
      ...input.variables,
      ...crossed.specs,
      ...hiddenSpecs("trunk", [deep, ...trunk], { owner: null, batchNorm }),
      ...heads.specs,
    ]),
    tasks,
    lookups: (batch) => [...input.lookups(batch), ...crossed.lookups(batch)],
    ...input.numerical,
    trunk(tf, inputs, variables, context) {
      const read = input.read(tf, inputs, variables);
      const x = crossed.apply(tf, read, variables, inputs);
      const y = hidden(tf, beside ? read.x : x, stack, variables, context);
      return { representation: beside ? tf.concat([x, y], 1) : y };
    },
    heads: (tf, cut, variables, context) =>
      heads.outputs(tf, () => cut["representation"] as tfjs.Tensor2D, variables, context),
    uniformHeads: heads.uniform,
  };
}
