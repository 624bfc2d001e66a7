import type * as tfjs from "@tensorflow/tfjs-core";
import { GradpoolError } from "@gradpool/core";
import { denseSpecs } from "./layers.js";
import { hidden } from "./mlp.js";
import type { Initializer } from "./contract/parameters.js";
import type { TensorBatch, TensorModel } from "./contract/tensor.js";
import { distinct, fraction, positive } from "./options.js";
import { describeFeatures, ownerTables, type SideFeatures } from "./side-tables.js";
import { pairNetwork, pairScorer } from "./shared-bottom-scorer.js";
import { towers } from "./towers.js";

export interface SharedBottomOptions {
  readonly users: number;
  readonly items: number;
  /** Task names, the target first. */
  readonly tasks: readonly string[];
  /** Width of each of the four embeddings. Default 64. */
  readonly dim?: number;
  /** Default 32-16-8. */
  readonly mlp?: readonly number[];
  /** Hidden layers of a tower, none for a linear one; one output follows. Default 64-32. */
  readonly tower?: readonly number[];
  /** After every hidden layer. Default 0.5. */
  readonly dropout?: number;
  /** Embeddings start here. Default normal, std 0.01. */
  readonly init?: Initializer;
  /** What users and items are known by beside their ids: each of the four embeddings is then its own row plus its features'. */
  readonly features?: SideFeatures;
}

/**
 * The thesis' model: a shared bottom of matrix factorisation (element product) and an MLP, each with user and item
 * embeddings of its own, concatenated; one tower per task; ReLU, dropout; binary cross-entropy. Reads joint batches.
 * (Lee 2023, §3.3 and §4; its code follows NCF, He et al. 2017.)
 */
export function sharedBottom(options: SharedBottomOptions): TensorModel {
  const { users, items, dim = 64, mlp = [32, 16, 8], tower = [64, 32], dropout = 0.5 } = options;
  const init: Initializer = options.init ?? { kind: "normal", std: 0.01 };
  positive("sharedBottom", { users, items, dim, mlp: Math.min(...mlp) });
  if (tower.length > 0) positive("sharedBottom", { tower: Math.min(...tower) });
  fraction("sharedBottom", "dropout", dropout);
  distinct("sharedBottom", "tasks", options.tasks);
  const tasks = [...options.tasks];
  const bottom = mlp[mlp.length - 1] as number;
  const layers = { dim, mlp: mlp.length, tower: tower.length };
  const heads = towers(tasks, { name: "tower", input: dim + bottom, widths: tower, dropout });
  return {
    kind: "tensor",
    name: "sharedBottom",
    options: {
      users,
      items,
      tasks,
      dim,
      mlp: [...mlp],
      tower: [...tower],
      dropout,
      init: { ...init },
      ...describeFeatures(options.features),
    },
    tables: ["mf.users", "mf.items", "mlp.users", "mlp.items"].flatMap((name) => {
      const side = name.endsWith("users") ? "users" : "items";
      const module = name.startsWith("mf") ? "mf" : "mlp";
      return ownerTables({ name, rows: { users, items }[side], dim, init, module }, options.features?.[side]);
    }),
    variables: [...denseSpecs("mlp", [2 * dim, ...mlp], null, "mlp"), ...heads.specs],
    tasks: tasks.map((name) => ({ name, objective: "bce" })),
    lookups(batch: TensorBatch) {
      if (batch.kind !== "joint") {
        throw new GradpoolError({
          code: "invalid-input",
          what: `a batch of ${batch.kind}`,
          where: "sharedBottom",
          remedy: "give joint batches: pairs of users and items with the labels of all tasks",
        });
      }
      const { size } = batch;
      return [
        { table: "mf.users", ids: batch.users, size },
        { table: "mf.items", ids: batch.items, size },
        { table: "mlp.users", ids: batch.users, size, input: "mlp" },
        { table: "mlp.items", ids: batch.items, size, input: "mlp" },
      ];
    },
    trunk(tf, inputs, variables, context) {
      const product = tf.mul(inputs["mf.users"] as tfjs.Tensor2D, inputs["mf.items"] as tfjs.Tensor2D);
      const stack = { prefix: "mlp", layers: layers.mlp, dropout };
      const deep = hidden(tf, inputs["mlp"] as tfjs.Tensor2D, stack, variables, context);
      return { representation: tf.concat([product as tfjs.Tensor2D, deep], 1) };
    },
    heads: (tf, cut, variables, context) =>
      heads.outputs(tf, () => cut["representation"] as tfjs.Tensor2D, variables, context),
    uniformHeads: heads.uniform,
    ranking: {
      users,
      items,
      scorer(tf, task, weights, pairs) {
        const network = pairNetwork(`tower.${task}`, layers, { users, items }, weights);
        return pairs?.(network) ?? pairScorer(tf, network);
      },
    },
  };
}
