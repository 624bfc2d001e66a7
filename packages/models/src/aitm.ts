import type * as tfjs from "@tensorflow/tfjs-core";
import { withStatistics } from "./batch-norm.js";
import { calibrator } from "./calibrator.js";
import { widths } from "./expert-options.js";
import { type FunnelOptions, funnelParts } from "./funnel-options.js";
import { dense, denseSpecs } from "./layers.js";
import { hidden, hiddenSpecs } from "./mlp.js";
import type { VariableSpec } from "./contract/parameters.js";
import type { ForwardContext, TensorModel, TensorOps, Tensors } from "./contract/tensor.js";
import { finite } from "./options.js";
import { towers } from "./towers.js";

export interface AitmOptions extends FunnelOptions {
  /** Layers of a task's bottom. Default 128-64-32. */
  readonly bottom?: readonly number[];
  /** Hidden layers of a task's tower. Default none: linear. */
  readonly head?: readonly number[];
  /** One attention for all transfers, or one `per-step` (default). */
  readonly attention?: "per-step" | "shared";
  /** Weight of the calibrator; 0: none. Default 0.6. */
  readonly calibrator?: number;
}

/**
 * Adaptive information transfer (Xi et al. 2021): each step of a funnel has a bottom of its own, and attends to it and to what
 * the step before hands on. A calibrator, which is no task, keeps later steps from being likelier than earlier ones. Shared, by
 * the losses that reach them: tables, the bottoms of all steps but the last, what hands on before the last transfer, and
 * attention before the last step. Cut: x; the rest of what is shared is pooled as parameters. Reads impressions.
 */
export function aitm(options: AitmOptions): TensorModel {
  const parts = funnelParts("aitm", options, { most: Infinity });
  const { tasks, input, dropout, batchNorm } = parts;
  const { bottom = [128, 64, 32], head = [], attention = "per-step", calibrator: weight = 0.6 } = options;
  widths("aitm", { bottom, head });
  finite("aitm", "calibrator", weight);
  const width = bottom.at(-1) as number;
  const shape: Shape = { tasks, bottom, width, dropout, batchNorm, attention };
  const heads = towers(tasks, { name: "head", input: width, widths: head, dropout, batchNorm });
  return {
    kind: "tensor",
    name: "aitm",
    options: {
      ...input.options,
      tasks: [...tasks],
      bottom: [...bottom],
      head: [...head],
      dropout,
      batchNorm,
      attention,
      calibrator: weight,
    },
    tables: input.specs,
    ...withStatistics([...input.variables, ...specsOf(shape, input.width), ...heads.specs]),
    tasks: tasks.map((name) => ({ name, objective: "bce" })),
    lookups: (batch) => input.lookups(batch),
    ...input.numerical,
    trunk: (tf, inputs, variables) => ({ input: input.read(tf, inputs, variables).x }),
    heads(tf, cut, variables, context) {
      const carried = transferred(tf, cut["input"] as tfjs.Tensor2D, shape, variables, context);
      return heads.outputs(tf, (task) => carried[task] as tfjs.Tensor2D, variables, context);
    },
    ...(weight === 0 ? {} : { regularizer: calibrator(tasks, weight) }),
  };
}

interface Shape {
  readonly tasks: readonly string[];
  readonly bottom: readonly number[];
  /** Of a bottom's output. */
  readonly width: number;
  readonly dropout: number;
  readonly batchNorm: boolean;
  readonly attention: "per-step" | "shared";
}

const attentionOf = ({ attention }: Shape, task: string): string =>
  attention === "shared" ? "attention" : `attention.${task}`;

/** Step s reaches the losses of steps s, s + 1, …: what only the last one sees is its own. */
function specsOf(shape: Shape, input: number): VariableSpec[] {
  const { tasks, bottom, width, batchNorm } = shape;
  const last = tasks.at(-1) as string;
  const owner = (task: string): string | null => (task === last ? last : null);
  const bottoms = tasks.flatMap((task) =>
    hiddenSpecs(`bottom.${task}`, [input, ...bottom], { owner: owner(task), batchNorm }),
  );
  const transfers = tasks
    .slice(1)
    .flatMap((task) => denseSpecs(`transfer.${task}`, [width, width], owner(task), `transfer.${task}`));
  const readers = shape.attention === "shared" ? [tasks.length > 2 ? null : last] : tasks.slice(1).map(owner);
  const names = [...new Set(tasks.slice(1).map((task) => attentionOf(shape, task)))];
  const attentions = names.flatMap((name, k) =>
    ["query", "key", "value"].map((part): VariableSpec => ({
      name: `${name}.${part}`,
      shape: [width, width],
      init: { kind: "xavier" },
      owner: readers[k] as string | null,
      module: name,
    })),
  );
  return [...bottoms, ...transfers, ...attentions].map((spec) => ({ ...spec, place: "heads" }));
}

/** What each task's tower reads. */
function transferred(
  tf: TensorOps,
  x: tfjs.Tensor2D,
  shape: Shape,
  variables: Tensors,
  context: ForwardContext,
): Record<string, tfjs.Tensor2D> {
  const { tasks, bottom, dropout, batchNorm } = shape;
  const out: Record<string, tfjs.Tensor2D> = {};
  let before: tfjs.Tensor2D | null = null;
  for (const task of tasks) {
    const own: tfjs.Tensor2D = hidden(
      tf,
      x,
      { prefix: `bottom.${task}`, layers: bottom.length, dropout, batchNorm },
      variables,
      context,
    );
    if (before === null) before = own;
    else {
      const weight = variables[`transfer.${task}.0.weight`] as tfjs.Tensor2D;
      const handed = dense(tf, before, weight, variables[`transfer.${task}.0.bias`] as tfjs.Tensor1D, "relu");
      before = attend(tf, [own, handed], task, shape, variables, context);
    }
    out[task] = before;
  }
  return out;
}

/** Σ over the pair of softmax((Q u · K u) / √width) V u. */
function attend(
  tf: TensorOps,
  pair: readonly [own: tfjs.Tensor2D, handed: tfjs.Tensor2D],
  task: string,
  shape: Shape,
  variables: Tensors,
  context: ForwardContext,
): tfjs.Tensor2D {
  const name = attentionOf(shape, task);
  const project = (u: tfjs.Tensor2D, part: string): tfjs.Tensor2D =>
    tf.matMul(u, variables[`${name}.${part}`] as tfjs.Tensor2D);
  const scores = pair.map((u) => tf.sum(tf.mul(project(u, "query"), project(u, "key")), 1));
  const weights = tf.softmax(tf.mul(tf.stack(scores, 1), 1 / Math.sqrt(shape.width))) as tfjs.Tensor2D;
  context.gate(task, ["own", "handed on"], weights);
  const values = tf.stack(
    pair.map((u) => project(u, "value")),
    1,
  );
  return context.mix(weights, [values as tfjs.Tensor3D]);
}
