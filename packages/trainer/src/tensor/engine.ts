import {
  type Diagnostics,
  GradpoolError,
  type JsonObject,
  poolContext,
  stateFromJson,
  stateToJson,
} from "@gradpool/core";
import type { Tensor, TensorBatch } from "@gradpool/models";
import { requireSamePool } from "../engine/same-pool.js";
import type { StepInput, StepResult } from "../engine/contract.js";
import type { StateArray } from "../parameters/state.js";
import { resolveOptimizer } from "../optimizer/resolve.js";
import { createTableStore } from "../tables/create-store.js";
import { denseStore } from "./dense/store.js";
import { evaluation, training } from "./dropout.js";
import { headsForward, trunkForward } from "./forward.js";
import { labelsOf } from "./losses.js";
import type { TensorEngine, TensorEngineOptions } from "./options.js";
import { planOf } from "./plan.js";
import { gatherSlots } from "./inputs.js";
import { representationMemory } from "./representation.js";
import { nonFinite, runStep } from "./step.js";
import { deviceVariables } from "./dense/on-device.js";

/**
 * Trains a tensor model: dense layers on a tfjs backend, tables and all optimiser state on the host. A step uploads the rows it
 * gathered and the variables, runs one forward pass and the backward passes that its level asks for, and downloads gradients.
 * - `losses`: one backward pass of Σ wᵢ Lᵢ; heads get what that sum gives them.
 * - `representation`: the heads' gradients of Φ are pooled, then go through the trunk, once. Heads get their own gradients.
 * - `parameters`: one backward pass per task; the pool acts on the shared variables and the touched rows.
 */
export function createTensorEngine(options: TensorEngineOptions): TensorEngine {
  const { model, tf, pool, seed = 0 } = options;
  const optimizer = resolveOptimizer(options.optimizer);
  const plan = planOf(options);
  const { tasks } = plan;
  const tables = createTableStore({
    tables: model.tables,
    optimizer,
    seed,
    ...(options.initial === undefined ? {} : { initial: options.initial }),
    ...(options.memory === undefined ? {} : { memory: options.memory }),
  });
  const dense = denseStore({
    variables: model.variables,
    tasks: tasks.names,
    optimizer,
    arena: tables.main,
    seed,
    ...(options.initial === undefined ? {} : { initial: options.initial }),
  });
  const representation = representationMemory(tables.main, tasks.names.length);
  const variables = deviceVariables(tf, dense);
  let state = pool.init(tasks);
  let { learningRate } = optimizer;

  function setLearningRate(rate: number): void {
    tables.setLearningRate(rate);
    dense.setLearningRate(rate);
    learningRate = rate;
  }

  function step(input: StepInput): StepResult {
    const batch = input.joint;
    if (batch === undefined) {
      throw new GradpoolError({
        code: "invalid-input",
        what: "a step without a joint batch",
        where: `step ${input.step}, ${model.name}`,
        remedy: "tensor models read one batch for all tasks: give `joint`",
      });
    }
    const reports: Diagnostics[] = [];
    const wanted = input.diagnostics === true;
    const outcome = runStep({
      tf,
      model,
      plan,
      pool,
      tables,
      dense,
      representation,
      variables,
      batch,
      labels: labelsOf(model.tasks, batch),
      forward: training(tf, seed, input.step),
      input,
      state,
      context: (losses) =>
        poolContext({
          tasks,
          seed,
          step: input.step,
          epoch: input.epoch,
          losses,
          // A step that is left out after the pool has seen it must leave the pool's averages as they were.
          donate: options.onNonFinite !== "skip",
          ...(wanted ? { report: (said: Diagnostics) => void reports.push(said) } : {}),
        }),
    });
    const { failure, diagnostics, result } = outcome;
    if (failure !== undefined) {
      if (options.onNonFinite !== "skip") throw nonFinite(failure, input, batch);
      return { ...result, skipped: failure };
    }
    state = outcome.state;
    return diagnostics === undefined ? result : { ...result, diagnostics: { ...diagnostics, reports } };
  }

  function predict(batch: TensorBatch): readonly Float32Array[] {
    tables.begin(1, () => "sum");
    const slots = gatherSlots(model, batch, tables);
    return tf.tidy(() => {
      const { representation: phi } = trunkForward(tf, model, slots, batch, variables, evaluation);
      const all = tasks.names.map(() => true);
      return headsForward(tf, model, phi, variables, evaluation, all).map((output) =>
        Float32Array.from((output as Tensor).dataSync() as Float32Array),
      );
    });
  }

  return {
    kind: "tensor",
    backend: tf.getBackend(),
    tasks,
    level: plan.level,
    optimizer,
    step,
    predict,
    scorer(task) {
      if (model.ranking === undefined) {
        throw new GradpoolError({
          code: "unsupported",
          what: `${model.name} does not rank`,
          where: "engine.scorer",
          remedy: "evaluate it by AUC, GAUC or NE on impressions",
        });
      }
      tables.settle();
      return model.ranking.scorer(tf, task, {
        table: (name) => tables.table(name),
        variable: (name) => dense.values(name),
      });
    },
    setLearningRate,
    settle: () => tables.settle(),
    snapshot() {
      const rows = tables.state();
      const { arrays, steps } = dense.state();
      return {
        arrays: new Map<string, StateArray>([...rows.arrays, ...arrays]),
        json: {
          pool: pool.name,
          tableStep: rows.step,
          denseSteps: { ...steps },
          learningRate,
          state: stateToJson(state),
        },
      };
    },
    restore({ arrays, json }) {
      requireSamePool(json, pool);
      setLearningRate(json["learningRate"] as number);
      tables.restore(arrays, json["tableStep"] as number);
      dense.restore(arrays, json["denseSteps"] as JsonObject as Record<string, number>);
      state = stateFromJson(json["state"] as JsonObject);
    },
    table(name) {
      tables.settle();
      return tables.table(name);
    },
    variable: (name) => dense.values(name).slice(),
    memory() {
      const a = tables.memory();
      const b = dense.memory();
      // The tables' scratch counts everything else in their memory, the variables included.
      return {
        weights: a.weights + b.weights,
        optimizer: a.optimizer + b.optimizer,
        scratch: Math.max(0, a.scratch - b.weights - b.optimizer),
      };
    },
    dispose() {
      variables.dispose();
      tables.dispose();
    },
  };
}
