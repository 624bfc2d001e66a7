import { GradpoolError, type NamesOf, requireNames, requireWord } from "@gradpool/core";
import type { Model, TensorModel, TensorOps } from "@gradpool/models";
import { embeddingStep } from "./embedding/step.js";
import type { Engine, TensorEngine } from "./engine/contract.js";
import { engineOf } from "./engine/create.js";
import type { EngineOptions } from "./engine/options.js";
import { mostTasks } from "./kernels/wasm.js";
import { graphStep } from "./graph/step.js";
import { tensorStep } from "./tensor/step.js";

/**
 * A training engine for a model: tables and all optimiser state on the host, one gradient pool between the tasks' gradients and
 * the optimiser. The model's kind decides how a step computes gradients.
 * - `embedding`: losses are functions of gathered rows. No tensor library; WebAssembly kernels.
 * - `graph`: the same behind a graph encoder, on the same kernels; a step costs the graph.
 * - `tensor`: dense layers on a tfjs backend, `tf`.
 *
 * Errors: `invalid-option` for options that name nothing, `unsupported` for more than 256 tasks and for a level that the model or the pool does not have,
 * `version` for a pool of another protocol.
 */
export function createEngine(options: EngineOptions<TensorModel> & { readonly tf: TensorOps }): TensorEngine;
export function createEngine(options: EngineOptions): Engine;
export function createEngine(options: EngineOptions): Engine {
  requireParts(options);
  requireNames(options, names, "createEngine");
  requireFew(options.model);
  requireWord(options.onNonFinite, ["stop", "skip"], "onNonFinite", "createEngine");
  const { model } = options;
  switch (model.kind) {
    case "embedding":
      return engineOf({ ...options, model }, embeddingStep);
    case "graph":
      return engineOf({ ...options, model }, graphStep);
    case "tensor":
      return engineOf({ ...options, model }, tensorStep);
    default:
      throw unknownKind(model);
  }
}

const names: NamesOf<EngineOptions> = {
  model: true,
  pool: true,
  optimizer: true,
  tf: true,
  level: true,
  target: true,
  seed: true,
  balance: true,
  taskWeights: true,
  classWeights: true,
  clip: true,
  onNonFinite: true,
  initial: true,
  memory: true,
  threads: true,
};

/** A program without types may leave out what every engine needs. */
function requireParts(options: Partial<EngineOptions> | undefined): void {
  const missing = (["model", "pool", "optimizer"] as const).find((part) => options?.[part] === undefined);
  if (missing === undefined) return;
  throw new GradpoolError({
    code: "invalid-option",
    what: `${missing} is missing`,
    where: "createEngine",
    remedy: "give a model, a pool and an optimizer",
  });
}

/** Kernels are told where tasks' gradients are in a table of so many places: beyond it lies the first embedding table. */
function requireFew({ name, tasks }: Model): void {
  if (tasks.length <= mostTasks) return;
  throw new GradpoolError({
    code: "unsupported",
    what: `there are ${tasks.length} tasks`,
    where: `model ${name}`,
    remedy: `train at most ${mostTasks} together: \`tasks\` names them`,
  });
}

function unknownKind(model: never): GradpoolError {
  const { kind, name } = model as Model;
  return new GradpoolError({
    code: "unsupported",
    what: `a model of kind ${String(kind)}`,
    where: `model ${String(name)}`,
    remedy: "give an embedding, a graph or a tensor model",
  });
}
