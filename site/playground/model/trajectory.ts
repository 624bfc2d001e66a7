import {
  askPool,
  type GradientPool,
  GradpoolError,
  type JsonValue,
  poolContext,
  startPool,
  type TaskGradients,
  taskSet,
} from "@gradpool/core";
import { type Layout, toLayout, toTaskGradients } from "@gradpool/registry";
import type { Evaluation, Landscape, Objective } from "./landscape.js";
import { createUpdate, type OptimizerName } from "./optimizer.js";

export interface Settings {
  readonly start: readonly number[];
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly steps: number;
  readonly seed: number;
}

/** What a pool did: one entry a step, and the points before each step and after the last. */
export interface Trajectory {
  readonly points: readonly (readonly number[])[];
  /** At each of the points. */
  readonly losses: readonly (readonly number[])[];
  readonly gradients: readonly (readonly (readonly number[])[])[];
  readonly combined: readonly (readonly number[])[];
  /** Why it ended early. */
  readonly error?: string;
}

/** How the parameters are laid out for a pool: a table of rows, or one dense tensor. */
function layoutOf({ width, starts }: Pick<Landscape, "width" | "starts">): Layout {
  const size = (starts[0] as readonly number[]).length;
  if (width === undefined) return { sizes: [size], size };
  return { table: { rows: size / width, width }, sizes: [], size };
}

/**
 * Steps of a pool on a landscape, computed as `gradpool pool` would: the step's number and the seed make its random numbers, the
 * losses go in, the state goes from step to step. Ends early, with the reason, at an error or where a loss is no number any more.
 */
export function follow(landscape: Landscape, objective: Objective, pool: GradientPool, settings: Settings): Trajectory {
  const tasks = taskSet(landscape.tasks.length, 0);
  const layout = layoutOf(landscape);
  const update = createUpdate(settings.optimizer, layout.size, settings.learningRate);
  // What a pool answers as an update has been through an optimiser of its own.
  const apply = createUpdate("sgd", layout.size, settings.learningRate);
  const point = [...settings.start];
  const first = objective(point);
  const points = [[...point]];
  const losses = [first.losses];
  const gradients: (readonly (readonly number[])[])[] = [];
  const combined: (readonly number[])[] = [];
  let now = first;
  try {
    let state = startPool(pool, tasks);
    for (let step = 1; step <= settings.steps; step++) {
      const given = toTaskGradients(
        now.gradients.map((gradient) => Float64Array.from(gradient)),
        layout,
      );
      const context = poolContext({ tasks, seed: settings.seed, step, losses: now.losses, ...noiseless(now, given) });
      const result = askPool(pool, given, context, state);
      state = result.state;
      const direction = toLayout((name) => result.combined.value(name), layout).flat();
      gradients.push(now.gradients);
      combined.push(direction);
      (result.combined.kind === "update" ? apply : update)(point, direction);
      now = objective(point);
      if (![...point, ...now.losses].every(Number.isFinite))
        return { points, losses, gradients, combined, error: `the losses are no numbers any more after step ${step}` };
      points.push([...point]);
      losses.push(now.losses);
    }
  } catch (error) {
    return { points, losses, gradients, combined, error: messageOf(error) };
  }
  return { points, losses, gradients, combined };
}

/** A landscape has no noise: further batches give the same gradients, and held-out examples the target's own. */
function noiseless({ gradients }: Evaluation, batch: TaskGradients) {
  const target = gradients[0] as readonly number[];
  const dots = gradients.map((gradient) => gradient.reduce((sum, g, k) => sum + g * (target[k] as number), 0));
  return { second: batch, third: batch, validation: { norm: Math.hypot(...target), dots } };
}

export const messageOf = (error: unknown): string =>
  error instanceof GradpoolError || error instanceof Error ? error.message : String(error);

/** A request for `gradpool pool` with the gradients and losses of these steps: the same pool answers with the same directions. */
export function toRequest(
  { width }: Pick<Landscape, "width">,
  pool: GradientPool,
  { gradients, losses }: Trajectory,
  seed: number,
): JsonValue {
  const shape = (gradient: readonly number[]): JsonValue =>
    width === undefined
      ? [...gradient]
      : Array.from({ length: gradient.length / width }, (_, r) => gradient.slice(r * width, (r + 1) * width));
  return {
    method: pool.name,
    options: pool.options,
    seed,
    target: 0,
    ...(width === undefined ? {} : { rows: true }),
    steps: gradients.map((step, k) => {
      const rows = step.map(shape);
      return {
        gradients: rows,
        losses: [...(losses[k] as readonly number[])],
        ...((pool.batches ?? 1) >= 2 ? { gradients2: rows } : {}),
        ...(pool.batches === 3 ? { gradients3: rows } : {}),
        ...(pool.wantsValidation === undefined ? {} : { validation: rows[0] as JsonValue }),
      };
    }),
  };
}
