import type { GramSet, Granularity, TaskGradients } from "../gradients.js";
import { foldGrams } from "../gram/fold.js";
import { combine } from "./combine.js";
import { computeGram } from "./gram.js";
import { dense, shapeError, type Stored, table, type TaskGradientsInput } from "./stored.js";

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
