import { GradpoolError } from "@gradpool/core";
import type { Model } from "@gradpool/models";

type Weights = Readonly<Record<string, number>> | undefined;

/** Weights of the losses in the order of the model's tasks. Error `invalid-option` for a task that is none, or no positive weight. */
export const taskWeightsOf = (model: Model, weights: Weights): Float64Array => inOrder(model, weights, "taskWeights");

/** The same of positive labels. Error `unsupported` for a task without classes: a ranking, a link, a value. */
export function classWeightsOf(model: Model, weights: Weights): Float64Array {
  const inTasks = inOrder(model, weights, "classWeights");
  const classes = model.kind === "tensor" ? model.tasks.filter(({ objective }) => objective === "bce") : [];
  const names = classes.map(({ name }) => name);
  const strange = Object.keys(weights ?? {}).find((task) => !names.includes(task));
  if (strange === undefined) return inTasks;
  throw new GradpoolError({
    code: "unsupported",
    what: `${strange} has no classes to weigh`,
    where: `model ${model.name}, classWeights`,
    remedy: names.length === 0 ? "use a model of labelled rows" : `its tasks with labels 0 and 1: ${names.join(", ")}`,
  });
}

function inOrder({ name, tasks }: Model, weights: Weights, option: string): Float64Array {
  const names = tasks.map((task) => task.name);
  const bad = (what: string, remedy: string): GradpoolError =>
    new GradpoolError({ code: "invalid-option", what, where: `model ${name}, ${option}`, remedy });
  for (const [task, weight] of Object.entries(weights ?? {})) {
    if (!names.includes(task)) throw bad(`no task ${task}`, `its tasks are ${names.join(", ")}`);
    if (!(weight > 0 && weight < Infinity)) throw bad(`the weight of ${task} is ${weight}`, "give a positive number");
  }
  return Float64Array.from(names, (task) => weights?.[task] ?? 1);
}
