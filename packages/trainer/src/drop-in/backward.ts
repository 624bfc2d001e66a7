import { askPool, type GradientPool, type PoolContext } from "@gradpool/core";
import type { Tensor, TensorOps } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import { joinParts } from "../gradients/join.js";
import type { LossFunction } from "./contract.js";
import { type Crossings, deviceGradients, type Shared } from "./device-gradients.js";
import { type Gradients, type Moment, noGradient, notFinite, nothingShared, overflow, trouble } from "./failure.js";

type Losses = ReturnType<LossFunction>;

/** The losses on the tape. */
export interface Recorded {
  readonly values: Losses;
  /** Those that are there, as one tensor. */
  readonly joined: Tensor;
  /** Filled by a backward pass through `joined`: the tasks whose loss it went through. */
  readonly reached: ReadonlySet<number>;
}

/** A step under way: what it works with, and where the optimiser was before it. */
export interface Step extends Moment {
  readonly tf: TensorOps;
  readonly pool: GradientPool;
  /** Variables that the pool sees. */
  readonly shared: readonly Shared[];
  /** The pool's, before the step. */
  readonly state: unknown;
  readonly crossed: Crossings;
  context(losses: Float64Array): PoolContext;
}

/** What a step comes to, all of it finite. */
export interface Outcome {
  readonly grads: tfjs.NamedTensorMap;
  readonly state: unknown;
  readonly weights: Float64Array | null;
}

/** The losses as one tensor; each notes when a backward pass comes to it, since a constant among them would go unnoticed. */
export function record(tf: TensorOps, values: Losses): Recorded | null {
  const reached = new Set<number>();
  const noting = (value: tfjs.Scalar, t: number): Tensor =>
    tf.customGrad((x) => ({
      value: tf.clone(x as Tensor),
      gradFunc: (dy: Tensor) => {
        reached.add(t);
        return dy;
      },
    }))(value);
  const present = values.flatMap((value, t) => (value === null ? [] : [noting(value, t)]));
  return present.length === 0 ? null : { values, joined: tf.stack(present), reached };
}

/** Weights from the losses, then one backward pass of Σ wᵢ Lᵢ. */
export function weightedBackward(step: Step, { values, joined, reached }: Recorded): Outcome {
  const { tf, pool, crossed } = step;
  const present = values.map((value) => value !== null);
  const losses = read(step, values, joined);
  const apart = (): (Gradients | null)[] => values.map((value) => value && gradientsOf(tf, value));
  const wrong = notFinite(
    step,
    losses,
    values.map((value) => value && {}),
  );
  if (wrong !== null) throw wrong;
  const said = askPool(pool, joinParts([], present), step.context(losses), step.state);
  const weights = said.combined.weights?.weights ?? new Float64Array(0);
  const used = present.flatMap((here, t) => (here ? [weights[t] as number] : []));
  crossed.toDevice += used.length;
  const grads = gradientsOf(tf, joined, tf.tensor1d(used));
  const unreached = present.findIndex((here, t) => here && !reached.has(t));
  if (unreached >= 0) throw noGradient(step, unreached);
  requireReached(step, [grads], values);
  requireSmall(step, grads, () => notFinite(step, losses, apart()));
  return { grads, state: said.state, weights };
}

/** One backward pass per loss; the pool on the shared variables' gradients, the others' added up. */
export function pooledBackward(step: Step, { values, joined }: Recorded): Outcome {
  const { tf, pool, shared, crossed } = step;
  const perTask = values.map((value) => value && gradientsOf(tf, value));
  const constant = perTask.findIndex((gradients) => gradients !== null && Object.keys(gradients).length === 0);
  if (constant >= 0) throw noGradient(step, constant);
  requireReached(step, perTask, values);
  const names = new Set(shared.map(({ name }) => name));
  const heads = addUp(tf, perTask, names);
  const rows = perTask.map((gradients) => gradients && shared.map(({ name }) => gradients[name] ?? null));
  const together = pool.granularity === "model" && pool.needs !== "gradients";
  const device = deviceGradients(tf, shared, rows, together, crossed);
  // Zeros where all is finite: the losses arrive as they are, and no further number has to be read.
  const tested = tf.addN([joined, device.trouble(), headTrouble(tf, perTask, names)]);
  const losses = read(step, values, tested);
  if (losses.some((loss, t) => values[t] !== null && !Number.isFinite(loss))) {
    const wrong = notFinite(step, read(step, values, joined), perTask);
    if (wrong !== null) throw wrong;
  }
  const said = askPool(pool, device.gradients, step.context(losses), step.state);
  const { combined, doubtful } = device.resolve(said.combined);
  const grads = { ...heads.sums };
  // As in tfjs itself, a variable that no loss reaches has no gradient, and does not move.
  for (const [k, { name }] of shared.entries()) {
    if (perTask.some((gradients) => gradients?.[name] !== undefined)) grads[name] = combined[k] as Tensor;
  }
  if (doubtful || heads.added) requireSmall(step, grads, () => null);
  return { grads, state: said.state, weights: said.combined.weights?.weights ?? null };
}

/** Gradients of the trainable variables that y is computed from; none for a constant, whatever the declared type says. */
function gradientsOf(tf: TensorOps, y: Tensor, dy?: Tensor): Record<string, Tensor> {
  const trainable = Object.values(tf.engine().registeredVariables).filter((variable) => variable.trainable);
  if (trainable.length === 0) return {};
  const { grads } = tf.engine().gradients(() => y, trainable, dy, true);
  const out: Record<string, Tensor> = {};
  (grads as (Tensor | undefined)[]).forEach((gradient, k) => {
    if (gradient !== undefined) out[(trainable[k] as tfjs.Variable).name] = gradient;
  });
  return out;
}

/** Σ of the tasks' gradients of each variable that is not shared. `added`: some variable has two. */
function addUp(
  tf: TensorOps,
  perTask: readonly (Gradients | null)[],
  shared: ReadonlySet<string>,
): { readonly sums: Record<string, Tensor>; readonly added: boolean } {
  const sums: Record<string, Tensor> = {};
  let added = false;
  for (const gradients of perTask) {
    for (const [name, gradient] of Object.entries(gradients ?? {})) {
      if (shared.has(name)) continue;
      const held = sums[name];
      added ||= held !== undefined;
      sums[name] = held === undefined ? gradient : tf.add(held, gradient);
    }
  }
  return { sums, added };
}

/** Per task present: 0 where its gradients of variables that are not shared are finite, else NaN. */
function headTrouble(tf: TensorOps, perTask: readonly (Gradients | null)[], shared: ReadonlySet<string>): Tensor {
  const scalars = perTask.flatMap((gradients) => {
    if (gradients === null) return [];
    const own = Object.entries(gradients).flatMap(([name, gradient]) =>
      shared.has(name) ? [] : [trouble(tf, gradient)],
    );
    return [own.length === 0 ? tf.scalar(0) : tf.addN(own)];
  });
  return tf.stack(scalars);
}

/** A task alone may leave the shared variables out; all of them together may not. */
function requireReached({ shared, ...moment }: Step, reached: readonly (Gradients | null)[], values: Losses): void {
  if (shared.length === 0 || values.includes(null)) return;
  if (shared.some(({ name }) => reached.some((gradients) => gradients?.[name] !== undefined))) return;
  throw nothingShared(
    moment,
    shared.map(({ name }) => name),
  );
}

/** Reads one number that says whether all gradients are finite. `blame`: the task's own that is not, if it is that. */
function requireSmall(step: Step, grads: Gradients, blame: () => Error | null): void {
  const { tf, crossed } = step;
  crossed.toHost++;
  const sum = tf.addN(Object.values(grads).map((gradient) => trouble(tf, gradient)));
  if (Number.isFinite(sum.dataSync()[0])) return;
  const wrong = blame();
  if (wrong !== null) throw wrong;
  const name = Object.keys(grads).find((own) => grads[own]?.dataSync().some((value) => !Number.isFinite(value)));
  if (name !== undefined) throw overflow(step, name);
}

/** All losses in one transfer; NaN for absent tasks. */
function read({ crossed }: Step, values: Losses, joined: Tensor): Float64Array {
  const numbers = joined.dataSync();
  crossed.toHost += numbers.length;
  let at = 0;
  return Float64Array.from(values, (value) => (value === null ? NaN : (numbers[at++] as number)));
}
