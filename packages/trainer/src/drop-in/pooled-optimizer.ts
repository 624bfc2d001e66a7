import {
  type GradientPool,
  GradpoolError,
  type JsonValue,
  poolContext,
  stateFromJson,
  stateToJson,
  taskSet,
} from "@gradpool/core";
import type { Tensor, TensorOps } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import { joinParts } from "../gradients/join.js";
import { withTape } from "../tape/tape.js";
import { type Crossings, deviceGradients, type Shared } from "./device-gradients.js";

export interface PooledOptimizerOptions {
  /** Variables that the pool balances: of a `tf.layers` model, `layer.trainableWeights`. The rest (heads) gets its plain gradient. */
  readonly shared: readonly (tfjs.Variable | HasVariable)[];
  /** One per loss, for diagnostics, errors and per-task options. Default task0, task1, … */
  readonly tasks?: readonly string[];
  /** The target's place among the losses. Default 0. */
  readonly target?: number;
  /** For pools that draw. Default 0. */
  readonly seed?: number;
}

/** A weight of a `tf.layers` layer (its `LayerVariable`). */
export interface HasVariable {
  read(): tfjs.Tensor;
}

/** The losses of a step, one scalar per task; null: the task has no labelled sample in this step. */
export type LossFunction = () => readonly (tfjs.Scalar | null)[];

export interface PooledGradients {
  /** The losses, by task; null where absent. */
  readonly values: readonly (tfjs.Scalar | null)[];
  /** The combined gradient of each shared variable and the plain one of each other, by variable name. Dispose them. */
  readonly grads: tfjs.NamedTensorMap;
}

export interface PooledOptimizer {
  /** computeGradients, then applyGradients. With `returnCost`, the losses (dispose them). */
  minimize(losses: LossFunction, returnCost?: boolean): readonly (tfjs.Scalar | null)[] | null;
  computeGradients(losses: LossFunction): PooledGradients;
  applyGradients(grads: tfjs.NamedTensorMap): void;
  /** Numbers that crossed between device and host in the last step. */
  readonly crossed: Readonly<Crossings>;
  /** Task weights of the last step, where the pool answered with weights: groups × T. */
  readonly weights: Float64Array | null;
  /** Steps and the pool's state as plain data; the wrapped optimiser's is its own. */
  state(): JsonValue;
  restore(state: JsonValue): void;
  /** Call at the end of an epoch, for methods that count them. */
  nextEpoch(): void;
}

/** See {@link PooledOptimizer}; `tf` is the tfjs that made the variables. */
export function createPooledOptimizer(
  tf: TensorOps,
  optimizer: tfjs.Optimizer,
  pool: GradientPool,
  options: PooledOptimizerOptions,
): PooledOptimizer {
  if (pool.granularity === "row") {
    throw new GradpoolError({
      code: "unsupported",
      what: `${pool.name} per embedding row`,
      where: "pooledOptimizer",
      remedy: 'tf.Variables have whole gradients: use granularity "parameter" or "model", or the trainer\'s tables',
    });
  }
  const variables = options.shared.map((entry) => ("read" in entry ? entry.read() : entry) as tfjs.Variable);
  const shared = variables.map(({ name, shape, size }): Shared => ({ name, shape, size }));
  const names = new Set(shared.map(({ name }) => name));
  const places: string[] = [];
  let crossed: Crossings = { toHost: 0, toDevice: 0 };
  let weights: Float64Array | null = null;
  let tasks = options.tasks === undefined ? null : taskSet(options.tasks, options.target ?? 0);
  let state: unknown = tasks === null ? null : pool.init(tasks);
  let step = 0;
  let epoch = 1;

  /** All losses in one transfer; NaN for absent tasks. */
  function read(values: readonly (tfjs.Scalar | null)[], joined: Tensor | null): Float64Array {
    const numbers = joined === null ? new Float32Array(0) : (joined.dataSync() as Float32Array);
    crossed.toHost += numbers.length;
    let at = 0;
    return Float64Array.from(values, (value) => (value === null ? NaN : (numbers[at++] as number)));
  }

  function computeGradients(losses: LossFunction): PooledGradients {
    crossed = { toHost: 0, toDevice: 0 };
    let result: PooledGradients | undefined;
    const record = () => {
      const values = losses();
      const present = values.filter((value) => value !== null);
      return { values, joined: present.length === 0 ? null : tf.stack(present) };
    };
    withTape(tf, record, ({ values, joined }) => {
      if (tasks === null) {
        tasks = taskSet(options.tasks ?? values.length, options.target ?? 0);
        state = pool.init(tasks);
      }
      if (values.length !== tasks.names.length) throw wrongCount(values.length, tasks.names);
      step++;
      const { seed = 0 } = options;
      const context = poolContext({ tasks, seed, step, epoch, losses: read(values, joined) });
      const grads =
        joined === null ? {} : pool.needs === "losses" ? weighted(values, joined, context) : pooled(values, context);
      for (const tensor of Object.values(grads)) tf.keep(tensor);
      result = { values: values.map((value) => (value === null ? null : tf.keep(tf.clone(value)))), grads };
    });
    return result as PooledGradients;
  }

  /** Weights from the losses, then one backward pass of Σ wᵢ Lᵢ. */
  function weighted(
    values: readonly (tfjs.Scalar | null)[],
    joined: Tensor,
    context: ReturnType<typeof poolContext>,
  ): tfjs.NamedTensorMap {
    const present = values.map((value) => value !== null);
    const said = pool.pool(joinParts([emptyPart(values.length)], present), context, state);
    ({ state } = said);
    const all = said.combined.weights?.weights ?? new Float64Array(0);
    weights = all;
    const used = present.flatMap((here, t) => (here ? [all[t] as number] : []));
    crossed.toDevice += used.length;
    const trainable = Object.values(tf.engine().registeredVariables).filter((variable) => variable.trainable);
    const { grads } = tf.engine().gradients(() => joined, trainable, tf.tensor1d(used), true);
    const out: Record<string, Tensor> = {};
    // Without a path from the losses there is no gradient, whatever the declared type says.
    (grads as (Tensor | undefined)[]).forEach((gradient, k) => {
      if (gradient !== undefined) out[(trainable[k] as tfjs.Variable).name] = gradient;
    });
    return out;
  }

  function pooled(
    values: readonly (tfjs.Scalar | null)[],
    context: ReturnType<typeof poolContext>,
  ): tfjs.NamedTensorMap {
    const out: Record<string, Tensor> = {};
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
    const { gradients, resolve } = deviceGradients(tf, shared, perTask, together, crossed);
    const said = pool.pool(gradients, context, state);
    ({ state } = said);
    weights = said.combined.weights?.weights ?? null;
    resolve(said.combined).forEach((gradient, k) => (out[(shared[k] as Shared).name] = gradient));
    return out;
  }

  /** tfjs keeps moments by the place of a variable in what it is given: every variable keeps its place, gradient or not. */
  function applyGradients(grads: tfjs.NamedTensorMap): void {
    for (const name of Object.keys(grads)) if (!places.includes(name)) places.push(name);
    optimizer.applyGradients(places.map((name) => ({ name, tensor: grads[name] as Tensor })));
  }

  return {
    computeGradients,
    applyGradients,
    minimize(losses, returnCost = false) {
      const { values, grads } = computeGradients(losses);
      applyGradients(grads);
      tf.dispose(grads);
      if (returnCost) return values;
      for (const value of values) value?.dispose();
      return null;
    },
    get crossed() {
      return crossed;
    },
    get weights() {
      return weights;
    },
    state: () => ({ step, epoch, pool: stateToJson(state) }),
    restore(saved) {
      const { step: s, epoch: e, pool: p } = saved as { step: number; epoch: number; pool: JsonValue };
      step = s;
      epoch = e;
      state = stateFromJson(p);
    },
    nextEpoch() {
      epoch++;
    },
  };
}

const emptyPart = (tasks: number): Parameters<typeof joinParts>[0][number] => ({
  tasks,
  parameters: [],
  gram: () => new Float64Array(0),
  values: () => [],
});

function wrongCount(count: number, names: readonly string[]): GradpoolError {
  return new GradpoolError({
    code: "shape",
    what: `${count} losses`,
    where: "pooledOptimizer.minimize",
    remedy: `answer with ${names.length} (${names.join(", ")}), null for a task without labels in this step`,
  });
}
