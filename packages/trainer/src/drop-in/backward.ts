import type { GradientPool, PoolContext, TaskSet } from "@gradpool/core";
import type { Tensor, TensorOps } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import { joinParts } from "../gradients/join.js";
import { type Crossings, deviceGradients, type Shared } from "./device-gradients.js";

/** Where a pooled optimiser is. */
export interface Progress {
  /** Null until the first step says how many losses there are. */
  tasks: TaskSet | null;
  /** The pool's. */
  state: unknown;
  step: number;
  epoch: number;
  crossed: Crossings;
  weights: Float64Array | null;
}

/** What a step works with, beside its losses. */
export interface Pooling {
  readonly tf: TensorOps;
  readonly pool: GradientPool;
  /** Variables that the pool sees. */
  readonly shared: readonly Shared[];
  readonly progress: Progress;
}

type Losses = readonly (tfjs.Scalar | null)[];

/** Weights from the losses, then one backward pass of Σ wᵢ Lᵢ. `joined`: the losses that are there, as one tensor. */
export function weightedBackward(
  { tf, pool, progress }: Pooling,
  values: Losses,
  joined: Tensor,
  context: PoolContext,
): tfjs.NamedTensorMap {
  const present = values.map((value) => value !== null);
  const said = pool.pool(joinParts([], present), context, progress.state);
  progress.state = said.state;
  const weights = said.combined.weights?.weights ?? new Float64Array(0);
  progress.weights = weights;
  const used = present.flatMap((here, t) => (here ? [weights[t] as number] : []));
  progress.crossed.toDevice += used.length;
  const trainable = Object.values(tf.engine().registeredVariables).filter((variable) => variable.trainable);
  const { grads } = tf.engine().gradients(() => joined, trainable, tf.tensor1d(used), true);
  const out: Record<string, Tensor> = {};
  // Without a path from the losses there is no gradient, whatever the declared type says.
  (grads as (Tensor | undefined)[]).forEach((gradient, k) => {
    if (gradient !== undefined) out[(trainable[k] as tfjs.Variable).name] = gradient;
  });
  return out;
}

/** One backward pass per loss; the pool on the shared variables' gradients, the others' added up. */
export function pooledBackward(
  { tf, pool, shared, progress }: Pooling,
  values: Losses,
  context: PoolContext,
): tfjs.NamedTensorMap {
  const out: Record<string, Tensor> = {};
  const names = new Set(shared.map(({ name }) => name));
  const perTask = values.map((value) => {
    if (value === null) return null;
    const { grads } = tf.variableGrads(() => value);
    for (const [name, gradient] of Object.entries(grads)) {
      const held = out[name];
      if (!names.has(name)) out[name] = held === undefined ? gradient : tf.add(held, gradient);
    }
    return shared.map(({ name }) => grads[name] ?? null);
  });
  const together = pool.granularity === "model" && pool.needs !== "gradients";
  const { gradients, resolve } = deviceGradients(tf, shared, perTask, together, progress.crossed);
  const said = pool.pool(gradients, context, progress.state);
  progress.state = said.state;
  progress.weights = said.combined.weights?.weights ?? null;
  resolve(said.combined).forEach((gradient, k) => (out[(shared[k] as Shared).name] = gradient));
  return out;
}
