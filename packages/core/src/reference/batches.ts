import type { Combined, CrossGram, FloatArray, Granularity, TaskGradients } from "../gradients.js";
import { shapeError, type TaskGradientsInput } from "./stored.js";
import { taskGradients } from "./task-gradients.js";

/**
 * Independent batches of one step as task gradients over the same parameters: a table's rows are those that any of them touched, so
 * that an answer made of one batch, or of several, has one layout.
 */
export function batchesOf(inputs: readonly TaskGradientsInput[]): readonly TaskGradients[] {
  return inputs.map((input) =>
    taskGradients({
      ...input,
      parameters: input.parameters.map((parameter, p) => {
        if (!("rows" in parameter)) return parameter;
        const ids = inputs.flatMap((other) => {
          const same = other.parameters[p];
          return same !== undefined && "rows" in same ? same.rows.flatMap((row) => Array.from(row?.ids ?? [])) : [];
        });
        const [first, ...rest] = parameter.rows;
        const values = [
          ...Array.from(first?.values ?? []),
          ...ids.flatMap(() => Array.from({ length: parameter.width }, () => 0)),
        ];
        return { ...parameter, rows: [{ ids: [...Array.from(first?.ids ?? []), ...ids], values }, ...rest] };
      }),
    }),
  );
}

/** J₁J₂ᵀ per group, by the gradients' own `cross` where they have one, else in one pass over their coordinates. */
export function crossGram(first: TaskGradients, second: TaskGradients, granularity: Granularity): CrossGram {
  if (first.cross !== undefined) return first.cross(second, granularity);
  const { tasks } = first;
  const present = first.present.map((here, i) => here && second.present[i] === true);
  const parameters = first.parameters.map(({ name, kind, size, width, ids }, p) => {
    if (second.parameters[p]?.name !== name || second.parameters[p]?.size !== size) {
      throw shapeError(`the batches differ in ${name}`, "crossGram", "show them over the same parameters and rows");
    }
    const values: FloatArray[] = [...first.values(name), ...second.values(name)];
    return kind === "rows" && granularity === "row" && ids !== undefined
      ? { name, width, rows: values.map((own) => ({ ids, values: own })) }
      : { name, values };
  });
  const both = taskGradients({ parameters, present: [...present, ...present] }).gram(granularity);
  const norms = new Float64Array(both.size * tasks);
  const others = new Float64Array(both.size * tasks);
  const cosines = new Float64Array(both.size * tasks * tasks);
  for (let g = 0; g < both.size; g++) {
    for (let i = 0; i < tasks; i++) {
      norms[g * tasks + i] = both.norms[g * 2 * tasks + i] as number;
      others[g * tasks + i] = both.norms[g * 2 * tasks + tasks + i] as number;
      const from = (g * 2 * tasks + i) * 2 * tasks + tasks;
      cosines.set(both.cosines.subarray(from, from + tasks), (g * tasks + i) * tasks);
    }
  }
  return { granularity, tasks, present, blocks: both.blocks, size: both.size, norms, others, cosines };
}

/** The mean of what one set of weights made of several batches of one layout. */
export function averageOf(parts: readonly Combined[]): Combined {
  const [first] = parts;
  if (first === undefined) throw shapeError("nothing to average", "averageOf", "give one combined gradient or more");
  if (parts.length === 1) return first;
  return {
    ...(first.weights === undefined ? {} : { weights: first.weights }),
    mean: parts,
    value(parameter) {
      const values = parts.map((part) => part.value(parameter));
      return Float64Array.from(values[0] as FloatArray, (_, p) => {
        return values.reduce((sum, own) => sum + (own[p] as number) / parts.length, 0);
      });
    },
  };
}
