import { GradpoolError, type JsonValue, type TaskGradients, taskGradients } from "@gradpool/core";
import { invalid } from "../errors.js";

/** How one task's gradient, a flat vector of P numbers, is cut into parameters. */
export interface Layout {
  /** R embedding rows of width d; absent: dense tensors. */
  readonly table?: { readonly rows: number; readonly width: number };
  /** Sizes of the dense tensors, in order. */
  readonly sizes: readonly number[];
  /** P. */
  readonly size: number;
}

const shapeError = (what: string, where: string, remedy: string): GradpoolError =>
  new GradpoolError({ code: "shape", what, where, remedy });

const isList = (value: unknown): value is readonly JsonValue[] => Array.isArray(value);

/** The layout that `rows` and `shapes` describe, with its sizes from the first gradient that is there. */
export function readLayout(
  request: Readonly<Record<string, JsonValue | undefined>>,
  gradients: JsonValue | undefined,
): Layout {
  const { rows, shapes } = request;
  if (rows !== undefined && typeof rows !== "boolean")
    throw invalid(`rows is ${JSON.stringify(rows)}`, "request", "give true or false");
  if (!isList(gradients) || gradients.length === 0) {
    throw shapeError(
      "gradients is not a list of tasks",
      "request",
      `give T × ${rows === true ? "R × d" : "P"} numbers`,
    );
  }
  const first = gradients.find((gradient) => gradient !== null);
  if (!isList(first) || first.length === 0) {
    throw shapeError(
      "a gradient is not a list",
      "request, task 0",
      `give T × ${rows === true ? "R × d" : "P"} numbers`,
    );
  }
  if (rows === true) {
    if (shapes !== undefined)
      throw invalid("both rows and shapes", "request", "give one: rows is a table of embedding rows");
    const width = isList(first[0]) ? first[0].length : 0;
    if (width === 0)
      throw shapeError("an embedding row is not a list", "request", "with rows, give gradients as T × R × d numbers");
    return { table: { rows: first.length, width }, sizes: [], size: first.length * width };
  }
  if (shapes === undefined) return { sizes: [first.length], size: first.length };
  const sizes = readShapes(shapes);
  const size = sizes.reduce((sum, one) => sum + one, 0);
  if (size !== first.length) {
    throw shapeError(`shapes hold ${size} coordinates and a gradient ${first.length}`, "request", "make them agree");
  }
  return { sizes, size };
}

function readShapes(shapes: JsonValue): readonly number[] {
  if (!isList(shapes) || shapes.length === 0)
    throw invalid("shapes is not a list", "request", "give one shape per tensor: [[4], [2, 3]]");
  return shapes.map((shape, k) => {
    if (!isList(shape) || !shape.every((n) => Number.isSafeInteger(n) && (n as number) > 0)) {
      throw invalid(`shape ${k} is ${JSON.stringify(shape)}`, "request", "give positive integers: [2, 3]");
    }
    return (shape as readonly number[]).reduce((product, n) => product * n, 1);
  });
}

/** The T gradients of a step, flat; refuses ragged rows and what is not a finite number, naming the place. */
export function readGradients(
  value: JsonValue | undefined,
  tasks: number,
  layout: Layout,
  where: string,
): readonly (Float64Array | null)[] {
  if (!isList(value)) throw shapeError("no gradients", where, "give one gradient per task");
  if (value.length !== tasks)
    throw shapeError(`${value.length} gradients`, where, `give ${tasks}, one per task, in every step`);
  return value.map((gradient, task) => {
    if (gradient === null) return null;
    const place = `${where === "request" ? "" : `${where}, `}task ${task}`;
    if (layout.table === undefined) return numbers(gradient, layout.size, place);
    const { rows, width } = layout.table;
    if (!isList(gradient) || gradient.length !== rows) {
      throw shapeError(
        `${isList(gradient) ? gradient.length : "no"} rows`,
        place,
        `give ${rows}, as for the first task`,
      );
    }
    const flat = new Float64Array(rows * width);
    gradient.forEach((row, r) => flat.set(numbers(row, width, `${place}, row ${r}`), r * width));
    return flat;
  });
}

function numbers(values: JsonValue, size: number, where: string): Float64Array {
  if (!isList(values)) throw shapeError("not a list of numbers", where, `give ${size} numbers`);
  if (values.length !== size) {
    throw shapeError(`ragged gradients: ${values.length} coordinates`, where, `give ${size}, as many as the first`);
  }
  return Float64Array.from(values, (value, k) => {
    const number = value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value;
    if (typeof number !== "number")
      throw invalid(`a coordinate is ${JSON.stringify(value)}`, `${where}, coordinate ${k}`, "give a number");
    if (Number.isFinite(number)) return number;
    throw new GradpoolError({
      code: "non-finite",
      what: `gradient has a coordinate that is ${number}`,
      where: `${where}, coordinate ${k}`,
      remedy: "give finite numbers; look for an overflow or a division by zero in that task's loss",
    });
  });
}

const parameterName = (k: number): string => `parameter${k}`;

/** The step's gradients as pools take them. A table's rows have the ids 0 to R − 1. */
export function toTaskGradients(gradients: readonly (Float64Array | null)[], layout: Layout): TaskGradients {
  const present = gradients.map((gradient) => gradient !== null);
  if (layout.table !== undefined) {
    const { rows, width } = layout.table;
    const ids = Int32Array.from({ length: rows }, (_, row) => row);
    const tables = gradients.map((values) => (values === null ? null : { ids, values }));
    return taskGradients({ parameters: [{ name: parameterName(0), width, rows: tables }], present });
  }
  let start = 0;
  const parameters = layout.sizes.map((size, k) => {
    const from = start;
    start += size;
    return {
      name: parameterName(k),
      values: gradients.map((all) => all?.subarray(from, from + size) ?? new Float64Array(size)),
    };
  });
  return taskGradients({ parameters, present });
}

/** The combined gradient in the layout of one task's gradient. */
export function toLayout(value: (parameter: string) => ArrayLike<number>, layout: Layout): number[] | number[][] {
  if (layout.table !== undefined) {
    const { rows, width } = layout.table;
    const flat = Array.from(value(parameterName(0)));
    return Array.from({ length: rows }, (_, row) => flat.slice(row * width, (row + 1) * width));
  }
  return layout.sizes.flatMap((_, k) => Array.from(value(parameterName(k))));
}
