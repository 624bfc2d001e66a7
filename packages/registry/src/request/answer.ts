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
import { readRequest, type Request } from "./request.js";

/** What one step gave. */
export interface StepOutput {
  /** In the layout of one task's gradient. */
  readonly combined: readonly number[] | readonly (readonly number[])[];
  /** T numbers, or T per group if the pool decided for more than one group; null if weights did not make it. */
  readonly weights: readonly number[] | readonly (readonly number[])[] | null;
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
    const result = askPool(pool, toTaskGradients(step.gradients, request.layout), context, state);
    state = result.state;
    return {
      combined: finite(
        toLayout((name) => result.combined.value(name), request.layout),
        pool.name,
        k + 1,
      ),
      weights: weightsOf(result.combined, request.tasks),
      ...(diagnostics.length === 0 ? {} : { diagnostics }),
    };
  });
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
