import {
  batchesOf,
  createRandom,
  type DenseGradients,
  given,
  type GradientPool,
  type Method,
  poolContext,
  type PoolContext,
  type RowGradients,
  taskGradients,
  type TaskGradients,
  taskSet,
  type Validation,
} from "@gradpool/core";
import { dot, norm } from "../assert.js";

/** One step's input. */
export interface Step {
  readonly parameters: readonly (DenseGradients | RowGradients)[];
  readonly present?: readonly boolean[];
}

export interface Scenario {
  readonly tasks: number;
  /** Default 0. */
  readonly target?: number;
  readonly seed?: number;
  readonly steps: readonly Step[];
  /** The number of the first step; default 1. */
  readonly firstStep?: number;
  readonly donate?: boolean;
  /** Per task, whose losses it has; default: its own. For tasks that were renumbered. */
  readonly losses?: readonly number[];
  /** Fixes the order in which a random-order method visits the other tasks. */
  readonly order?: readonly (readonly number[])[];
}

export interface Outcome {
  /** Per step, the combined gradient of every parameter, one after the other. */
  readonly combined: readonly Float64Array[];
  /** Per step, groups × T, where weights made it. */
  readonly weights: readonly (Float64Array | undefined)[];
  /** After the last step. */
  readonly state: unknown;
}

/** How many tasks a case plays with: three, or as many as the method must have beside `spare` that are absent. */
export const tasksFor = ({ minTasks = 1 }: Method, spare = 0): number => Math.max(3, minTasks + spare);

/** Losses that differ by task and fall slowly, for methods that read them. */
function lossesAt(tasks: number, step: number): number[] {
  return Array.from({ length: tasks }, (_, i) => 0.3 + 0.4 * ((i * 7) % 5) + 1 / (step + i + 1));
}

export function contextAt(scenario: Scenario, step: number): PoolContext {
  return poolContext({
    tasks: taskSet(scenario.tasks, scenario.target ?? 0),
    seed: scenario.seed ?? 1,
    step,
    epoch: Math.ceil(step / 2),
    losses: scenario.losses?.map((i) => lossesAt(scenario.tasks, step)[i] as number) ?? lossesAt(scenario.tasks, step),
    ...given({ donate: scenario.donate, order: scenario.order }),
  });
}

/** Pools the steps of a scenario, state carried along, from `state` or from the beginning. */
export function play(pool: GradientPool, scenario: Scenario, state?: unknown): Outcome {
  let held = state === undefined ? pool.init(taskSet(scenario.tasks, scenario.target ?? 0)) : state;
  const combined: Float64Array[] = [];
  const weights: (Float64Array | undefined)[] = [];
  scenario.steps.forEach((step, k) => {
    const { gradients, ...others } = shownTo(pool, step, scenario.target ?? 0);
    const result = pool.pool(gradients, { ...contextAt(scenario, (scenario.firstStep ?? 1) + k), ...others }, held);
    held = result.state;
    combined.push(Float64Array.from(gradients.parameters.flatMap(({ name }) => [...result.combined.value(name)])));
    weights.push(result.combined.weights?.weights.slice());
  });
  return { combined, weights, state: held };
}

interface Shown {
  readonly gradients: TaskGradients;
  readonly second?: TaskGradients;
  readonly third?: TaskGradients;
  readonly validation?: Validation;
}

/**
 * What a pool is shown of a step: for pools of several batches, coordinates in reverse and halved stand for the other batches, and the
 * target's gradient in reverse for the one on validation examples: as zero, as absent and as large as the step's own.
 */
export function shownTo(pool: GradientPool, step: Step, target: number): Shown {
  if (pool.batches === undefined && pool.wantsValidation === undefined) return { gradients: taskGradients(step) };
  const inputs = [step, reversed(step), halved(step)].slice(0, pool.batches ?? 1);
  const [gradients, second, third] = batchesOf(inputs) as [TaskGradients, TaskGradients?, TaskGradients?];
  return {
    gradients,
    ...given({
      second,
      third,
      validation: pool.wantsValidation === undefined ? undefined : validationOf(gradients, target),
    }),
  };
}

function mapped(step: Step, change: (values: ArrayLike<number>) => Float64Array): Step {
  return {
    ...step,
    parameters: step.parameters.map((parameter) =>
      "values" in parameter
        ? { ...parameter, values: parameter.values.map((value) => (value === null ? null : change(value))) }
        : {
            ...parameter,
            rows: parameter.rows.map((row) => (row === null ? null : { ...row, values: change(row.values) })),
          },
    ),
  };
}

const reversed = (step: Step): Step => mapped(step, (values) => Float64Array.from(values).reverse());
const halved = (step: Step): Step => mapped(step, (values) => Float64Array.from(values, (x) => x / 2));

function validationOf(gradients: TaskGradients, target: number): Validation {
  const rows = Array.from({ length: gradients.tasks }, (_, i) =>
    Float64Array.from(gradients.parameters.flatMap(({ name }) => [...(gradients.values(name)[i] as Float64Array)])),
  );
  const own = (rows[target] as Float64Array).slice().reverse();
  return { norm: norm(own), dots: rows.map((row) => dot(row, own)) };
}

/** A step of one dense parameter. */
export function denseStep(gradients: readonly (readonly number[])[], present?: readonly boolean[]): Step {
  const parameters = [{ name: "theta", values: gradients.map((row) => Float64Array.from(row)) }];
  return present === undefined ? { parameters } : { parameters, present };
}

/** T × P standard normal numbers. */
export function normalMatrix(tasks: number, size: number, seed: number): number[][] {
  const random = createRandom(seed);
  return Array.from({ length: tasks }, () => Array.from({ length: size }, () => random.normal()));
}

/** Two dense tensors and a table whose tasks touch different rows; other rows at other steps. */
export function mixedStep(tasks: number, seed: number, scales: readonly number[] = []): Step {
  const random = createRandom(seed, 77);
  const draw = (size: number, task: number) =>
    Float64Array.from({ length: size }, () => random.normal() * (scales[task] ?? 1));
  const each = <V>(make: (task: number) => V): V[] => Array.from({ length: tasks }, (_, i) => make(i));
  return {
    parameters: [
      { name: "weights", values: each((i) => draw(6, i)) },
      {
        name: "table",
        width: 3,
        rows: each((i) => ({ ids: [seed % 5, 7 + i, 40 + (seed % 3)], values: draw(9, i) })),
      },
      { name: "bias", values: each((i) => (i === tasks - 1 && tasks > 1 ? null : draw(2, i))) },
    ],
  };
}

export function mixedScenario(tasks: number, steps: number, seed: number = 1): Scenario {
  return { tasks, seed, steps: Array.from({ length: steps }, (_, k) => mixedStep(tasks, seed + 13 * k)) };
}

/** Mixed steps as the method takes them: tables as they are, or, for a method that refuses them, as dense parameters. */
export function mixedFor({ tables }: Method): { mixedStep: typeof mixedStep; mixedScenario: typeof mixedScenario } {
  if (tables === undefined) return { mixedStep, mixedScenario };
  const whole = (step: Step): Step => ({
    parameters: step.parameters.map((given) =>
      "rows" in given
        ? {
            name: given.name,
            values: given.rows.map((rows) => (rows === null ? null : Float64Array.from(rows.values))),
          }
        : given,
    ),
  });
  return {
    mixedStep: (...given) => whole(mixedStep(...given)),
    mixedScenario: (...given) => {
      const scenario = mixedScenario(...given);
      return { ...scenario, steps: scenario.steps.map(whole) };
    },
  };
}
