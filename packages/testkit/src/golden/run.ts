import { given, type GradientPool, poolContext, taskGradients, taskSet } from "@gradpool/core";
import { expectClose, largest } from "./close.js";
import { type Golden, type GoldenRecord, type Matrix, outputsOf, stepsOf } from "./records.js";

export interface PoolRun {
  readonly seed?: number;
  readonly target?: number;
  /** Sizes of the parameter tensors, in order; default: one tensor. */
  readonly shapes?: readonly (readonly number[])[];
  readonly order?: readonly (readonly number[])[];
  readonly epochs?: readonly number[];
  readonly losses?: Matrix;
}

export interface PoolStep {
  readonly combined: number[];
  /** groups × T. */
  readonly weights: Float64Array | undefined;
}

/** Pools steps of T × P matrices, state carried from one to the next. */
export function poolSteps<S>(
  pool: GradientPool<S>,
  steps: readonly Matrix[],
  run: PoolRun = {},
): { readonly steps: PoolStep[]; readonly state: S } {
  const tasks = taskSet(steps[0]?.length ?? 1, run.target ?? 0);
  let state = pool.init(tasks);
  const out = steps.map((gradients, k): PoolStep => {
    const parameters = split(gradients, run.shapes ?? [[gradients[0]?.length ?? 0]]);
    const context = poolContext({
      tasks,
      seed: run.seed ?? 1,
      step: k + 1,
      epoch: run.epochs?.[k] ?? 1,
      ...given({ order: run.order, losses: run.losses?.[k] }),
    });
    const result = pool.pool(taskGradients({ parameters }), context, state);
    state = result.state;
    return {
      combined: parameters.flatMap(({ name }) => [...result.combined.value(name)]),
      weights: result.combined.weights?.weights,
    };
  });
  return { steps: out, state };
}

function split(gradients: Matrix, shapes: readonly (readonly number[])[]) {
  let start = 0;
  return shapes.map((shape, k) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const from = start;
    start += size;
    return { name: `p${k}`, values: gradients.map((row) => Float64Array.from(row.slice(from, from + size))) };
  });
}

/** Every task visits the others in their own order, as the reference codes do when they do not draw one. */
export const inOrder = (tasks: number): number[][] =>
  Array.from({ length: tasks }, () => Array.from({ length: tasks }, (_, i) => i));

/** What a pool answers to each step of a record, in the tasks' own order unless `run` says another. */
export function answersTo(golden: Golden, record: GoldenRecord, pool: GradientPool, run: PoolRun = {}): number[][] {
  const steps = stepsOf(golden, record);
  const order = inOrder(steps[0]?.length ?? 0);
  return poolSteps(pool, steps, { order, ...run }).steps.map(({ combined }) => combined);
}

/** Throws unless a pool answers every step as recorded, to 1e-9 of the step's largest coordinate. */
export function expectAnswers(golden: Golden, record: GoldenRecord, pool: GradientPool): void {
  const { orders: order, shapes } = record.input;
  const got = answersTo(golden, record, pool, given({ order, shapes }));
  const want = outputsOf(golden, record);
  if (got.length !== want.length) throw new Error(`${got.length} steps where ${want.length} are recorded`);
  const steps = stepsOf(golden, record);
  got.forEach((vector, k) => expectClose(vector, want[k], { scale: largest(steps[k]) }));
}

/** The weights of a losses-level pool, step by step: what it answers to unit gradients. */
export function lossWeights(pool: GradientPool, record: GoldenRecord, run: PoolRun = {}): number[][] {
  const losses = record.input.losses ?? [];
  const steps = losses.map((row) => row.map((_, i) => row.map((__, j) => Number(i === j))));
  return poolSteps(pool, steps, { ...run, losses }).steps.map(({ combined }) => combined);
}

/** The combined gradient of one step, T × P. */
export const combinedOf = (pool: GradientPool, gradients: Matrix, run: PoolRun = {}): number[] =>
  poolSteps(pool, [gradients], run).steps[0]?.combined ?? [];
