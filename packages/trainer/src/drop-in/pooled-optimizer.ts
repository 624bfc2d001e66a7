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
import { withTape } from "../tape/tape.js";
import { pooledBackward, type Pooling, type Progress, weightedBackward } from "./backward.js";
import type { LossFunction, PooledGradients, PooledOptimizer, PooledOptimizerOptions } from "./contract.js";
import type { Shared } from "./device-gradients.js";

/** See {@link PooledOptimizer}; `tf` is the tfjs that made the variables. */
export function createPooledOptimizer(
  tf: TensorOps,
  optimizer: tfjs.Optimizer,
  pool: GradientPool,
  options: PooledOptimizerOptions,
): PooledOptimizer {
  refuseRows(pool);
  const progress = start(pool, options);
  const pooling: Pooling = { tf, pool, shared: sharedOf(options), progress };
  const places: string[] = [];
  const computeGradients = (losses: LossFunction): PooledGradients => compute(pooling, losses, options);

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
      return progress.crossed;
    },
    get weights() {
      return progress.weights;
    },
    state: () => ({ step: progress.step, epoch: progress.epoch, pool: stateToJson(progress.state) }),
    restore(saved) {
      const { step, epoch, pool: held } = saved as { step: number; epoch: number; pool: JsonValue };
      Object.assign(progress, { step, epoch, state: stateFromJson(held) });
    },
    nextEpoch() {
      progress.epoch++;
    },
  };
}

function sharedOf({ shared }: PooledOptimizerOptions): readonly Shared[] {
  const variables = shared.map((entry) => ("read" in entry ? entry.read() : entry) as tfjs.Variable);
  return variables.map(({ name, shape, size }) => ({ name, shape, size }));
}

function start(pool: GradientPool, { tasks: names, target = 0 }: PooledOptimizerOptions): Progress {
  const tasks = names === undefined ? null : taskSet(names, target);
  const state = tasks === null ? null : pool.init(tasks);
  return { tasks, state, step: 0, epoch: 1, crossed: { toHost: 0, toDevice: 0 }, weights: null };
}

/** One forward pass, and the backward passes that the pool asks for. */
function compute(pooling: Pooling, losses: LossFunction, options: PooledOptimizerOptions): PooledGradients {
  const { tf, pool, progress } = pooling;
  const { seed = 0, target = 0 } = options;
  progress.crossed = { toHost: 0, toDevice: 0 };
  let result: PooledGradients | undefined;
  const record = () => {
    const values = losses();
    const present = values.filter((value) => value !== null);
    return { values, joined: present.length === 0 ? null : tf.stack(present) };
  };
  withTape(tf, record, ({ values, joined }) => {
    if (progress.tasks === null) {
      progress.tasks = taskSet(options.tasks ?? values.length, target);
      progress.state = pool.init(progress.tasks);
    }
    const { tasks, epoch } = progress;
    if (values.length !== tasks.names.length) throw wrongCount(values.length, tasks.names);
    progress.step++;
    const context = poolContext({ tasks, seed, step: progress.step, epoch, losses: read(pooling, values, joined) });
    let grads: tfjs.NamedTensorMap = {};
    if (joined !== null) {
      grads =
        pool.needs === "losses"
          ? weightedBackward(pooling, values, joined, context)
          : pooledBackward(pooling, values, context);
    }
    for (const tensor of Object.values(grads)) tf.keep(tensor);
    result = { values: values.map((value) => (value === null ? null : tf.keep(tf.clone(value)))), grads };
  });
  return result as PooledGradients;
}

/** All losses in one transfer; NaN for absent tasks. */
function read({ progress }: Pooling, values: readonly (tfjs.Scalar | null)[], joined: Tensor | null): Float64Array {
  const numbers = joined === null ? new Float32Array(0) : (joined.dataSync() as Float32Array);
  progress.crossed.toHost += numbers.length;
  let at = 0;
  return Float64Array.from(values, (value) => (value === null ? NaN : (numbers[at++] as number)));
}

function refuseRows({ granularity, name }: GradientPool): void {
  if (granularity !== "row") return;
  throw new GradpoolError({
    code: "unsupported",
    what: `${name} per embedding row`,
    where: "pooledOptimizer",
    remedy: 'tf.Variables have whole gradients: use granularity "parameter" or "model", or the trainer\'s tables',
  });
}

function wrongCount(count: number, names: readonly string[]): GradpoolError {
  return new GradpoolError({
    code: "shape",
    what: `${count} losses`,
    where: "pooledOptimizer.minimize",
    remedy: `answer with ${names.length} (${names.join(", ")}), null for a task without labels in this step`,
  });
}
