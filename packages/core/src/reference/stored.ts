import { GradpoolError } from "../errors.js";
import type { FloatArray, Granularity, GroupBlock, ParameterInfo } from "../gradients.js";

/** The T gradients of a dense parameter; null stands for a zero gradient. */
export interface DenseGradients {
  readonly name: string;
  readonly values: readonly (FloatArray | readonly number[] | null)[];
}

/** The T gradients of an embedding table, each as the rows that the task touched. An id may repeat: its rows add up. */
export interface RowGradients {
  readonly name: string;
  readonly width: number;
  readonly rows: readonly ({ readonly ids: ArrayLike<number>; readonly values: ArrayLike<number> } | null)[];
}

export interface TaskGradientsInput {
  readonly parameters: readonly (DenseGradients | RowGradients)[];
  /** Default: every task is present. */
  readonly present?: readonly boolean[];
}

/** A parameter as it is held: T gradients of equal length, a table over the union of its touched rows. */
export interface Stored {
  readonly info: ParameterInfo;
  readonly values: readonly FloatArray[];
}

export function shapeError(what: string, where: string, remedy: string): GradpoolError {
  return new GradpoolError({ code: "shape", what, where, remedy });
}

/** A dense parameter, its shapes checked; null becomes zeros. */
export function dense(parameter: DenseGradients, tasks: number): Stored {
  const { name } = parameter;
  if (parameter.values.length !== tasks) {
    throw shapeError(`${parameter.values.length} gradients`, name, `give ${tasks}, one per task`);
  }
  const size = parameter.values.find((value) => value !== null)?.length ?? 0;
  const values = parameter.values.map((value, task) => {
    if (value === null) return new Float64Array(size);
    if (value.length !== size)
      throw shapeError(`gradient of task ${task} has ${value.length} coordinates`, name, `give ${size}`);
    return value instanceof Float32Array || value instanceof Float64Array ? value : Float64Array.from(value);
  });
  return { info: { name, kind: "dense", size, width: 1 }, values };
}

/** A table, its shapes and ids checked; rows with the same id add up. */
export function table(parameter: RowGradients, tasks: number): Stored {
  const { name, width, rows } = parameter;
  if (rows.length !== tasks) throw shapeError(`${rows.length} gradients`, name, `give ${tasks}, one per task`);
  if (!Number.isInteger(width) || width < 1) throw shapeError(`width is ${width}`, name, "give a positive integer");
  const touched = new Set<number>();
  rows.forEach((row, task) => {
    if (row === null) return;
    if (row.values.length !== row.ids.length * width) {
      throw shapeError(
        `task ${task} has ${row.ids.length} ids and ${row.values.length} coordinates`,
        name,
        `give ids × width (${row.ids.length * width}) coordinates`,
      );
    }
    for (let k = 0; k < row.ids.length; k++) {
      const id = row.ids[k] as number;
      if (!Number.isInteger(id) || id < 0 || id > 2_147_483_647) {
        throw shapeError(`row id ${id} of task ${task}`, name, "give integers from 0 to 2147483647");
      }
      touched.add(id);
    }
  });
  const ids = Int32Array.from(touched).sort();
  const slot = new Map<number, number>();
  ids.forEach((id, k) => slot.set(id, k));
  const values = rows.map((row) => {
    const value = new Float64Array(ids.length * width);
    if (row === null) return value;
    for (let k = 0; k < row.ids.length; k++) {
      const at = (slot.get(row.ids[k] as number) as number) * width;
      for (let c = 0; c < width; c++) value[at + c] = (value[at + c] as number) + (row.values[k * width + c] as number);
    }
    return value;
  });
  return { info: { name, kind: "rows", size: ids.length * width, width, ids }, values };
}

/** The groups of each parameter, in the order of the Gram. */
export function blocksOf(stored: readonly Stored[], granularity: Granularity): readonly GroupBlock[] {
  return stored.map(({ info }) =>
    granularity === "row" && info.ids !== undefined
      ? { parameter: info.name, ids: info.ids, count: info.ids.length }
      : { parameter: info.name, count: 1 },
  );
}
