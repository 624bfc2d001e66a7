import { GradpoolError } from "@gradpool/core";
import type * as tfjs from "@tensorflow/tfjs-core";
import type { LossFunction } from "./contract.js";

type Losses = ReturnType<LossFunction>;

/** What a loss function answered with: one float scalar or null per task. `names`: null before the first step without names. */
export function requireLosses(answer: unknown, names: readonly string[] | null): Losses {
  if (isPromise(answer)) {
    throw refused(
      "the losses are a promise",
      "pooledOptimizer",
      "give a function that is not async: await data before",
    );
  }
  if (!Array.isArray(answer) || answer.length === 0) {
    const what = Array.isArray(answer) ? "no losses" : `the losses are ${describe(answer)}`;
    throw refused(what, "pooledOptimizer", "answer with an array of one scalar per task");
  }
  if (names !== null && answer.length !== names.length) throw wrongCount(answer.length, names);
  for (let t = 0; t < answer.length; t++) requireLoss(answer[t], `pooledOptimizer, task ${names?.[t] ?? `task${t}`}`);
  return answer as Losses;
}

function requireLoss(value: unknown, where: string): void {
  if (value === null) return;
  if (isPromise(value)) throw refused("the loss is a promise", where, "compute it without async functions");
  if (!isTensor(value)) {
    const remedy = "answer with a scalar tensor that is computed from variables, null for a task without labels";
    throw refused(`the loss is ${describe(value)}`, where, remedy);
  }
  const { shape, dtype, isDisposed } = value;
  if (isDisposed)
    throw refused("the loss is a disposed tensor", where, "compute it anew in each step, outside of tf.tidy");
  if (shape.length > 0) {
    throw refused(
      `the loss has the shape [${shape.join(", ")}]`,
      where,
      "answer with a scalar: tf.mean or tf.sum of it",
    );
  }
  if (dtype !== "float32") throw refused(`the loss is of type ${dtype}`, where, "answer with a scalar of type float32");
}

const isPromise = (value: unknown): boolean =>
  typeof value === "object" && value !== null && typeof (value as PromiseLike<unknown>).then === "function";

/** By its looks: two copies of tfjs-core have two classes. */
const isTensor = (value: unknown): value is tfjs.Tensor =>
  typeof value === "object" && value !== null && "dataId" in value && Array.isArray((value as tfjs.Tensor).shape);

const describe = (value: unknown): string => {
  if (isTensor(value)) return "one tensor";
  return typeof value === "object" && value !== null ? "an object" : String(value);
};

const refused = (what: string, where: string, remedy: string): GradpoolError =>
  new GradpoolError({ code: "invalid-input", what, where, remedy });

const wrongCount = (count: number, names: readonly string[]): GradpoolError =>
  new GradpoolError({
    code: "shape",
    what: `${count} losses`,
    where: "pooledOptimizer",
    remedy: `answer with ${names.length} (${names.join(", ")}), null for a task without labels in this step`,
  });
