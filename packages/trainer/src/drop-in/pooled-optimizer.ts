import { type GradientPool, GradpoolError, poolContext } from "@gradpool/core";
import type { Tensor, TensorOps } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import { withTape } from "../tape/tape.js";
import { requireLosses } from "./answers.js";
import { type Outcome, pooledBackward, record, type Recorded, type Step, weightedBackward } from "./backward.js";
import type { LossFunction, PooledGradients, PooledOptimizer, PooledOptimizerOptions } from "./contract.js";
import type { Shared } from "./device-gradients.js";
import { begin, fromJson, nothing, type Progress, start, toJson } from "./progress.js";
import { requireAlive, requireShared } from "./shared.js";
import { requireGradients } from "./user-gradients.js";

type Losses = ReturnType<LossFunction>;

/** What stays the same from step to step. */
interface Setting {
  readonly tf: TensorOps;
  readonly pool: GradientPool;
  readonly shared: readonly Shared[];
  readonly options: PooledOptimizerOptions;
}

/** See {@link PooledOptimizer}; `tf` is the tfjs that made the variables. */
export function createPooledOptimizer(
  tf: TensorOps,
  optimizer: tfjs.Optimizer,
  pool: GradientPool,
  options: PooledOptimizerOptions,
): PooledOptimizer {
  refuseRows(pool);
  const setting: Setting = { tf, pool, shared: requireShared(options, pool), options };
  let progress = start(pool, options);
  let places: readonly string[] = [];

  function computeGradients(losses: LossFunction): PooledGradients {
    const done = compute(setting, losses, progress);
    progress = done.progress;
    return done.gradients;
  }

  /** tfjs keeps moments by the place of a variable in what it is given: every variable keeps its place, gradient or not. */
  function apply(grads: tfjs.NamedTensorMap): void {
    places = [...places, ...Object.keys(grads).filter((name) => !places.includes(name))];
    optimizer.applyGradients(places.map((name) => ({ name, tensor: grads[name] as Tensor })));
  }

  return {
    computeGradients,
    applyGradients(grads) {
      requireGradients(tf, grads);
      apply(grads);
    },
    minimize(losses, returnCost = false) {
      const { values, grads } = computeGradients(losses);
      try {
        apply(grads);
      } finally {
        tf.dispose(grads);
      }
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
    state: () => toJson(pool, progress, places),
    restore(json) {
      const saved = fromJson(pool, options, json);
      progress = saved.progress;
      const known = tf.engine().registeredVariables;
      // Variables of other names are other variables, which take their places as they come.
      places = saved.places.every((name) => known[name] !== undefined) ? saved.places : [];
    },
    nextEpoch() {
      progress = { ...progress, epoch: progress.epoch + 1 };
    },
  };
}

/** One forward pass, and the backward passes that the pool asks for. Nothing is kept of a step that throws. */
function compute(
  setting: Setting,
  losses: LossFunction,
  before: Progress,
): { readonly gradients: PooledGradients; readonly progress: Progress } {
  const { tf, shared, options } = setting;
  requireAlive(tf, shared);
  let done: ReturnType<typeof compute> | undefined;
  withTape(
    tf,
    () => attempt(() => forward(tf, losses, before.tasks?.names ?? options.tasks ?? null)),
    (recorded) => {
      if ("error" in recorded) throw recorded.error;
      const { values, joined } = recorded.value;
      const step = stepAfter(setting, before, values.length);
      const outcome = joined === null ? { grads: {}, state: step.state, weights: null } : backward(step, joined);
      for (const tensor of Object.values(outcome.grads)) tf.keep(tensor);
      const kept = values.map((value) => value && tf.keep(tf.clone(value)));
      done = { gradients: { values: kept, grads: outcome.grads }, progress: after(before, step, outcome) };
    },
  );
  return done as ReturnType<typeof compute>;
}

const backward = (step: Step, recorded: Recorded): Outcome =>
  step.pool.needs === "losses" ? weightedBackward(step, recorded) : pooledBackward(step, recorded);

function forward(
  tf: TensorOps,
  losses: LossFunction,
  names: readonly string[] | null,
): { readonly values: Losses; readonly joined: Recorded | null } {
  const values = requireLosses(losses(), names);
  return { values, joined: record(tf, values) };
}

/** What `run` answers or throws: an error that passes through tfjs' tape would leave the tensors that it holds. */
function attempt<R>(run: () => R): { readonly value: R } | { readonly error: unknown } {
  try {
    return { value: run() };
  } catch (error) {
    return { error };
  }
}

function stepAfter({ tf, pool, shared, options }: Setting, before: Progress, count: number): Step {
  const { tasks, state } =
    before.tasks === null ? begin(pool, options, options.tasks ?? count) : { tasks: before.tasks, state: before.state };
  const { epoch } = before;
  const step = before.step + 1;
  const context: Step["context"] = (losses) => poolContext({ tasks, seed: options.seed ?? 0, step, epoch, losses });
  return { tf, pool, shared, tasks, state, step, crossed: { ...nothing }, context };
}

const after = (before: Progress, { tasks, step, crossed }: Step, { state, weights }: Outcome): Progress => ({
  ...before,
  tasks,
  step,
  crossed,
  state,
  weights,
});

function refuseRows({ granularity, name }: GradientPool): void {
  if (granularity !== "row") return;
  throw new GradpoolError({
    code: "unsupported",
    what: `${name} per embedding row`,
    where: "pooledOptimizer",
    remedy: 'tf.Variables have whole gradients: use granularity "parameter" or "model", or the trainer\'s tables',
  });
}
