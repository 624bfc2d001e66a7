import {
  askPool,
  type Combined,
  type Diagnostics,
  type ErrorCode,
  given,
  type GradientPool,
  GradpoolError,
  type JsonObject,
  type JsonValue,
  poolContext,
  startPool,
  taskSet,
} from "@gradpool/core";
import { loadPool } from "../specifier/load.js";
import { asGradpoolError } from "../errors.js";
import type { ReadRequest } from "./input.js";
import { toLayout, toTaskGradients } from "./layout.js";
import { readRequest, type Request, type Step } from "./request.js";

/** What one step gave. */
export interface StepOutput {
  /** In the layout of one task's gradient. */
  readonly combined: readonly number[] | readonly (readonly number[])[];
  /** T numbers, or T per group if the pool decided for more than one group; null if weights did not make it. */
  readonly weights: readonly number[] | readonly (readonly number[])[] | null;
  /** Where what stands in `combined` is an update, applied as it is, and no gradient. */
  readonly kind?: "update";
  readonly diagnostics?: readonly Diagnostics[];
}

export type Answer =
  | { readonly method: string; readonly options: JsonObject; readonly output: readonly StepOutput[] }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };

export interface AnswerOptions {
  /** Where paths start from and packages are looked for; default: the working folder. */
  readonly cwd?: string;
  /** Paths and packages whose code may run because a request names them; default: none. Methods of ours always may. */
  readonly allow?: readonly string[];
  /** Hears of an error as well. */
  readonly onError?: (error: GradpoolError) => void;
}

/** Answers one request; whatever goes wrong becomes its answer. A request is data: see {@link AnswerOptions.allow}. */
export async function answerRequest(
  read: ReadRequest,
  { cwd = process.cwd(), allow = [], onError }: AnswerOptions = {},
): Promise<Answer> {
  let where = "request";
  try {
    if ("error" in read) throw read.error;
    const request = readRequest(read.value);
    where = `the code of ${request.method}`;
    const { pool } = await loadPool(request.method, { cwd, allow, ...given({ options: request.options }) });
    return { method: request.method, options: pool.options, output: runRequest(pool, request) };
  } catch (thrown) {
    const error = asGradpoolError(thrown, where);
    onError?.(error);
    return { error: { code: error.code, message: error.message } };
  }
}

/** Runs a request's steps in order with a pool, the state of each going into the next. Throws what the pool throws. */
export function runRequest(pool: GradientPool, request: Request): StepOutput[] {
  const tasks = taskSet(request.tasks, request.target);
  let state = startPool(pool, tasks);
  return request.steps.map((step, k) => {
    const diagnostics: Diagnostics[] = [];
    const context = poolContext({
      tasks,
      seed: request.seed,
      step: k + 1,
      epoch: step.epoch,
      report: (entry) => diagnostics.push(entry),
      ...given({ losses: step.losses, order: step.order }),
    });
    const { gradients, ...more } = shownOf(step, request);
    const result = askPool(pool, gradients, { ...context, ...more }, state);
    state = result.state;
    return {
      combined: finite(
        toLayout((name) => result.combined.value(name), request.layout),
        pool.name,
        k + 1,
      ),
      weights: weightsOf(result.combined, request.tasks),
      ...(result.combined.kind === "update" ? { kind: "update" as const } : {}),
      ...(diagnostics.length === 0 ? {} : { diagnostics }),
    };
  });
}

/** The step's gradients, of further batches too, and its validation gradient as inner products. */
function shownOf({ gradients, gradients2, gradients3, validation }: Step, { layout }: Request) {
  const show = (rows: Step["gradients"] | undefined) =>
    rows === undefined ? undefined : toTaskGradients(rows, layout);
  const dot = (a: Float64Array, b: Float64Array | null): number => a.reduce((sum, x, p) => sum + x * (b?.[p] ?? 0), 0);
  return {
    gradients: toTaskGradients(gradients, layout),
    ...given({
      second: show(gradients2),
      third: show(gradients3),
      validation:
        validation === undefined
          ? undefined
          : { norm: Math.hypot(...validation), dots: gradients.map((row) => dot(validation, row)) },
    }),
  };
}

function weightsOf({ weights }: Combined, tasks: number): StepOutput["weights"] {
  if (weights === undefined) return null;
  const flat = Array.from(weights.weights);
  if (flat.length === tasks) return flat;
  return Array.from({ length: flat.length / tasks }, (_, group) => flat.slice(group * tasks, (group + 1) * tasks));
}

/** JSON has no NaN: a result that holds one would silently turn into null. */
function finite<V extends number[] | number[][]>(combined: V, pool: string, step: number): V {
  const bad = (combined.flat() as JsonValue[]).find((x) => !Number.isFinite(x));
  if (bad === undefined) return combined;
  throw new GradpoolError({
    code: "non-finite",
    what: `the combined gradient has a coordinate that is ${String(bad)}`,
    where: `${pool}, step ${step}`,
    remedy: "scale the gradients down if they are near the largest number; otherwise it is a defect of the pool",
  });
}
