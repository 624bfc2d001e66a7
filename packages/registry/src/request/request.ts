import { given, type JsonObject, type JsonValue } from "@gradpool/core";
import { invalid } from "../errors.js";
import { didYouMean } from "../nearest.js";
import { type Layout, readGradients, readLayout } from "./layout.js";

/** One step of a request: the T gradients, each flat; null for a task that is absent in this step. */
export interface Step {
  readonly gradients: readonly (Float64Array | null)[];
  /** Gradients of a second independent batch, and of a third. */
  readonly gradients2?: readonly (Float64Array | null)[];
  readonly gradients3?: readonly (Float64Array | null)[];
  /** The target's gradient on held-out examples. */
  readonly validation?: Float64Array;
  readonly losses?: readonly number[];
  readonly epoch: number;
  readonly order?: readonly (readonly number[])[];
}

export interface Request {
  readonly method: string;
  readonly options?: JsonObject;
  readonly seed: number;
  readonly target: number;
  readonly tasks: number;
  readonly layout: Layout;
  readonly steps: readonly Step[];
}

const stepFields = ["gradients", "gradients2", "gradients3", "validation", "present", "losses", "epoch", "order"];
const requestFields = ["method", "options", "seed", "target", "shapes", "rows", "steps", ...stepFields];

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
};

/** Checks a request and brings it into one form: a list of steps. Every error names the field, its value and what it takes. */
export function readRequest(value: JsonValue): Request {
  const request = object(value, "request", requestFields);
  const { method } = request;
  if (typeof method !== "string") {
    throw invalid(`method is ${show(method)}`, "request", 'give a pool specifier, such as "pcgrad"');
  }
  const { options } = request;
  if (options !== undefined && (typeof options !== "object" || options === null || Array.isArray(options))) {
    throw invalid(`options is ${show(options)}`, "request", "give an object: { name: value }");
  }
  const asked = stepsOf(request);
  const first = gradientsOf(asked[0] as Fields);
  const layout = readLayout(request, first);
  const tasks = (first as readonly JsonValue[]).length;
  let epoch = 1;
  const steps = asked.map((step, k) => {
    const where = request["steps"] === undefined ? "request" : `step ${k + 1}`;
    epoch = integer(step["epoch"] ?? epoch, "epoch", where, 1);
    const order = step["order"] ?? request["order"];
    const present = readPresent(step["present"], tasks, where);
    const read = (rows: JsonValue | undefined): readonly (Float64Array | null)[] =>
      readGradients(rows, tasks, layout, where).map((row, task) => (present[task] === true ? row : null));
    const more = (rows: JsonValue | undefined) => (rows === undefined ? undefined : read(rows));
    return {
      gradients: read(gradientsOf(step)),
      epoch,
      ...given({
        gradients2: more(step["gradients2"]),
        gradients3: more(step["gradients3"]),
        validation:
          step["validation"] === undefined
            ? undefined
            : (readGradients([step["validation"]], 1, layout, `${where}, validation`)[0] ?? undefined),
        losses: step["losses"] === undefined ? undefined : readLosses(step["losses"], tasks, where),
        order: order === undefined ? undefined : readOrder(order, tasks, where),
      }),
    };
  });
  return {
    method,
    seed: integer(request["seed"] ?? 0, "seed", "request", Number.MIN_SAFE_INTEGER),
    target: integer(request["target"] ?? 0, "target", "request", 0, tasks - 1),
    tasks,
    layout,
    steps,
    ...given({ options: options as JsonObject | undefined }),
  };
}

type Fields = Readonly<Record<string, JsonValue | undefined>>;

function object(value: JsonValue | undefined, where: string, known: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`a ${where === "request" ? where : "step"} is ${show(value)}`, where, "give an object");
  }
  for (const field of Object.keys(value)) {
    if (!known.includes(field)) {
      throw invalid(`unknown field ${field}`, where, didYouMean(field, known, `the fields are ${known.join(", ")}`));
    }
  }
  return value as Fields;
}

/** The gradients of a step; of losses alone, unit gradients, so that the combined gradient shows the weights. */
function gradientsOf(step: Fields): JsonValue | undefined {
  const { gradients, losses } = step;
  if (gradients !== undefined || !Array.isArray(losses)) return gradients;
  return (losses as readonly JsonValue[]).map((_, i) => losses.map((__: JsonValue, j: number) => Number(i === j)));
}

/** Who is present; a task that is not has no gradients in this step, whatever stands there. */
function readPresent(value: JsonValue | undefined, tasks: number, where: string): readonly boolean[] {
  if (value === undefined) return Array.from({ length: tasks }, () => true);
  if (Array.isArray(value) && value.length === tasks && value.every((here) => typeof here === "boolean")) return value;
  throw invalid(`present is ${show(value)}`, where, `give ${tasks} times true or false, one per task`);
}

function stepsOf(request: Fields): readonly Fields[] {
  const { steps } = request;
  if (steps === undefined) {
    if (request["gradients"] !== undefined || request["losses"] !== undefined) return [request];
    throw invalid("no gradients", "request", "give gradients (T × P), or steps with gradients");
  }
  const both = stepFields.find((field) => field !== "order" && request[field] !== undefined);
  if (both !== undefined) throw invalid(`both steps and ${both}`, "request", `put ${both} into each step`);
  if (!Array.isArray(steps) || steps.length === 0) {
    throw invalid(`steps is ${show(steps)}`, "request", "give a list with one step or more");
  }
  return (steps as readonly JsonValue[]).map((step, k) => object(step, `step ${k + 1}`, stepFields));
}

function integer(
  value: JsonValue,
  name: string,
  where: string,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  const range =
    max < Number.MAX_SAFE_INTEGER ? ` from ${min} to ${max}` : min > Number.MIN_SAFE_INTEGER ? ` from ${min}` : "";
  throw invalid(`${name} is ${show(value)}`, where, `give an integer${range}`);
}

/** Losses, NaN where a task is absent: a method that reads them says which one it misses. */
function readLosses(value: JsonValue, tasks: number, where: string): readonly number[] {
  if (!Array.isArray(value) || value.length !== tasks) {
    throw invalid(`losses is ${show(value)}`, where, `give ${tasks} numbers, one per task`);
  }
  return (value as readonly JsonValue[]).map((loss, task) => {
    if (loss === null) return Number.NaN;
    if (typeof loss === "number") return loss;
    if (loss === "NaN" || loss === "Infinity" || loss === "-Infinity") return Number(loss);
    throw invalid(`a loss is ${show(loss)}`, `${where}, task ${task}`, "give a number");
  });
}

function readOrder(value: JsonValue, tasks: number, where: string): readonly (readonly number[])[] {
  if (!Array.isArray(value) || value.length !== tasks) {
    throw invalid(`order is ${show(value)}`, where, `give ${tasks} lists, one per task`);
  }
  return (value as readonly JsonValue[]).map((list, task) => {
    const others = Array.isArray(list) ? (list as readonly JsonValue[]).filter((j) => j !== task) : [];
    const complete = others.length === tasks - 1 && new Set(others).size === others.length;
    if (complete && others.every((j) => Number.isInteger(j) && (j as number) >= 0 && (j as number) < tasks)) {
      return others as readonly number[];
    }
    throw invalid(
      `order is ${show(list)}`,
      `${where}, task ${task}`,
      "name every other task once, by its index from 0",
    );
  });
}
