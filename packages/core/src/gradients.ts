import { GradpoolError } from "./errors.js";
import { allocateGramSet, foldGrams, type GramSet, type GroupBlock, unitRows } from "./gram.js";
import { accumulateGram, largest, weightedRows, weightedSum } from "./kernels.js";
import type { Combined, FloatArray, Granularity, GroupWeights, ParameterInfo, TaskGradients } from "./pool.js";

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

interface Stored {
  readonly info: ParameterInfo;
  readonly values: readonly FloatArray[];
}

function shapeError(what: string, where: string, remedy: string): GradpoolError {
  return new GradpoolError({ code: "shape", what, where, remedy });
}

/**
 * Task gradients held in typed arrays: the reference implementation of the protocol. Accumulates in float64; groups whose
 * squares leave float64's range are scaled by their largest coordinate first, so norms from 1e-300 to 1e300 are exact.
 * A coordinate that is not finite gives a norm that is not finite, which pools refuse. Absent tasks count as zero.
 */
export function taskGradients(input: TaskGradientsInput): TaskGradients {
  const first = input.parameters[0];
  if (first === undefined) throw shapeError("no parameters", "taskGradients", "give one or more");
  const tasks = "values" in first ? first.values.length : first.rows.length;
  if (tasks === 0) throw shapeError("no tasks", first.name, "give a gradient for each task");
  const present = input.present ?? Array.from({ length: tasks }, () => true);
  if (present.length !== tasks)
    throw shapeError(`present has ${present.length} entries`, "taskGradients", `give ${tasks}, one per task`);
  const stored = input.parameters.map((parameter) =>
    "values" in parameter ? dense(parameter, tasks) : table(parameter, tasks),
  );
  const byName = new Map(stored.map((entry) => [entry.info.name, entry]));
  if (byName.size !== stored.length) {
    throw shapeError("parameter names repeat", stored.map((entry) => entry.info.name).join(", "), "name each once");
  }
  const find = (name: string): Stored => {
    const entry = byName.get(name);
    if (entry === undefined)
      throw shapeError(`unknown parameter ${name}`, "taskGradients", `known: ${[...byName.keys()].join(", ")}`);
    return entry;
  };
  const cache = new Map<string, GramSet>();

  function gram(granularity: Granularity, detail: "norms" | "gram" = "gram"): GramSet {
    const full = cache.get(`${granularity}:gram`);
    if (full !== undefined) return full;
    const key = `${granularity}:${detail}`;
    const held = cache.get(key);
    if (held !== undefined) return held;
    const set =
      granularity === "model"
        ? foldGrams(gram("parameter", detail), "model")
        : computeGram(stored, tasks, present, granularity, detail);
    cache.set(key, set);
    return set;
  }

  return {
    tasks,
    present,
    parameters: stored.map((entry) => entry.info),
    gram,
    combine: (weights) => combine(stored, tasks, weights, find),
    values: (parameter) => find(parameter).values,
    assemble: (values) => ({
      value(parameter) {
        const { info } = find(parameter);
        const value = values.get(parameter);
        if (value?.length !== info.size) {
          throw shapeError(
            `combined gradient has ${value?.length ?? "no"} coordinates`,
            parameter,
            `give ${info.size}`,
          );
        }
        return value;
      },
    }),
  };
}

function dense(parameter: DenseGradients, tasks: number): Stored {
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

function table(parameter: RowGradients, tasks: number): Stored {
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

function blocksOf(stored: readonly Stored[], granularity: Granularity): readonly GroupBlock[] {
  return stored.map(({ info }) =>
    granularity === "row" && info.ids !== undefined
      ? { parameter: info.name, ids: info.ids, count: info.ids.length }
      : { parameter: info.name, count: 1 },
  );
}

function computeGram(
  stored: readonly Stored[],
  tasks: number,
  present: readonly boolean[],
  granularity: Granularity,
  detail: "norms" | "gram",
): GramSet {
  const blocks = blocksOf(stored, granularity);
  const set = allocateGramSet(granularity, tasks, present, blocks, detail);
  const raw = new Float64Array(tasks * tasks);
  const everybody = present.every(Boolean);
  let group = 0;
  stored.forEach(({ info, values }, k) => {
    const count = (blocks[k] as GroupBlock).count;
    const width = count === 0 ? 0 : info.size / count;
    const nothing = new Float64Array(everybody ? 0 : info.size);
    const rows = everybody ? values : values.map((row, i) => (present[i] === true ? row : nothing));
    for (let g = 0; g < count; g++, group++) {
      const start = g * width;
      const end = start + width;
      raw.fill(0);
      accumulateGram(rows, start, end, raw, detail === "norms");
      if (!unitRows(raw, tasks, group, set) || underflows(rows, start, end, group, set)) {
        scaledGram(rows, start, end, group, set);
      }
    }
  });
  return set;
}

/** True if a row whose squares add up to 0 is not a zero row. */
function underflows(rows: readonly FloatArray[], start: number, end: number, group: number, set: GramSet): boolean {
  for (let i = 0; i < rows.length; i++) {
    if (set.norms[group * rows.length + i] === 0 && largest(rows[i] as FloatArray, start, end) > 0) return true;
  }
  return false;
}

/** The Gram of a group whose squares overflow, underflow or are not finite: each row is divided by its largest entry. */
function scaledGram(values: readonly FloatArray[], start: number, end: number, group: number, set: GramSet): void {
  const tasks = values.length;
  const scale = values.map((row) => largest(row, start, end));
  const rows = values.map((row, task) => {
    const most = scale[task] as number;
    const usable = most > 0 && most < Infinity;
    return Float64Array.from(row.subarray(start, end), (x) => (usable ? x / most : 0));
  });
  const raw = new Float64Array(tasks * tasks);
  accumulateGram(rows, 0, end - start, raw, set.cosines.length === 0);
  unitRows(raw, tasks, group, set);
  for (let i = 0; i < tasks; i++) {
    const at = group * tasks + i;
    const most = scale[i] as number;
    set.norms[at] = Number.isFinite(most) ? (set.norms[at] as number) * most : most;
  }
}

function combine(
  stored: readonly Stored[],
  tasks: number,
  weights: GroupWeights,
  find: (name: string) => Stored,
): Combined {
  const { granularity } = weights;
  const blocks = blocksOf(stored, granularity);
  const starts = new Map<string, number>();
  let groups = 0;
  blocks.forEach((block) => {
    starts.set(block.parameter as string, groups);
    groups += block.count;
  });
  const expected = (granularity === "model" ? 1 : groups) * tasks;
  if (weights.weights.length !== expected) {
    throw shapeError(
      `${weights.weights.length} weights per ${granularity}`,
      "combine",
      `give ${expected}: groups × tasks`,
    );
  }
  return {
    weights,
    value(parameter) {
      const { info, values } = find(parameter);
      const single = values.every((row) => row instanceof Float32Array);
      const out = single ? new Float32Array(info.size) : new Float64Array(info.size);
      const start = granularity === "model" ? 0 : (starts.get(parameter) as number);
      if (granularity !== "row" || info.ids === undefined) {
        weightedSum(values, weights.weights, start * tasks, 0, info.size, out);
      } else {
        weightedRows(values, weights.weights, start * tasks, info.width, out);
      }
      return out;
    },
  };
}
