import { given, GradpoolError, type JsonObject, levels } from "@gradpool/core";
import type { Scorer, TensorBatch, TensorModel, TensorOps } from "@gradpool/models";
import type { StepInput } from "../engine/contract.js";
import { sharedBy } from "../backends/beside.js";
import { batchesIn } from "../engine/draws.js";
import type { Asking, ModelStep, StepKind, StepParts } from "../engine/step.js";
import type { StateArray } from "../parameters/state.js";
import type { Crew } from "../threads/crew.js";
import { createTableStore } from "../tables/create-store.js";
import { deviceVariables } from "./dense/on-device.js";
import { denseStore } from "./dense/store.js";
import { drawAt, heldOutDraw, onlyDraw } from "./draw.js";
import { evaluation, training } from "./dropout.js";
import { gateBook } from "./gates.js";
import { labelsOf, sharesOf } from "./losses.js";
import { pairKernel } from "./pairs.js";
import { predict } from "./predict.js";
import { representationMemory } from "./representation.js";
import { runAccumulated } from "./accumulate.js";
import { runStep } from "./run.js";
import { statisticsOf } from "./dense/statistics.js";
import { runSeveral } from "./several.js";
import type { StepWork, TensorParts } from "./work.js";

/**
 * Models with a trunk and heads of tensors: dense layers on a tfjs backend, tables and all optimiser state on the host. A step
 * uploads the rows it gathered and the variables, runs one forward pass, one pass back per task from its loss to the cut, and
 * the passes through the trunk that its level asks for, and downloads gradients.
 * - `losses`: one pass of Σ wᵢ Lᵢ; heads get what that sum gives them.
 * - `representation`: the tasks' gradients of the cut, and of shared variables above it, are pooled; what comes out for the cut
 *   goes through the trunk, once. Heads get their own gradients.
 * - `parameters`: one pass per task; the pool acts on the shared variables and the touched rows.
 *
 * What a task owns takes its own gradient, wherever it stands; below the cut, at the first two levels, its share of the one pass.
 */
export const tensorStep: StepKind<TensorModel> = { levels: () => levels, make };

function make(options: StepParts<TensorModel>): ModelStep {
  const { model, placement, draws, apart, optimizer, seed, initial, memory, crew } = options;
  const tf = requireTensors(options);
  const { names } = placement.tasks;
  // One for each place, and the regulariser's behind them.
  const terms = draws.places + (model.regularizer === undefined ? 0 : 1);
  const moments = apart && { ...apart, tables: placement.balanced, sets: terms };
  const own = { tables: model.tables, optimizer, seed };
  const tables = createTableStore({ ...own, ...given({ initial, memory, crew, apart: moments }) });
  const arena = tables.main;
  const { variables: specs } = model;
  const dense = denseStore({
    variables: specs,
    tasks: names,
    terms,
    optimizer,
    arena,
    seed,
    ...given({ initial, apart }),
  });
  const representation = representationMemory(arena, names.length);
  const statistics = statisticsOf(model.statistics ?? [], initial);
  const variables = deviceVariables(tf, dense, statistics);
  const parts: TensorParts = {
    tf,
    model,
    placement,
    draws,
    apart,
    tables,
    dense,
    statistics,
    representation,
    variables,
  };
  return {
    backend: tf.getBackend(),
    run(input, asking) {
      return sharedBy(crew, () => {
        if (draws.places > draws.tasks)
          return runSeveral(parts, { input, asking, work: furtherOf(parts, seed, input, asking) });
        const work = worksOf(parts, seed, input, asking);
        return input.more === undefined ? runStep(work(0)) : runAccumulated(1 + input.more.length, work);
      });
    },
    predict: (batch) => sharedBy(crew, () => predict(parts, batch)),
    scorer: (task) => scorerOf(parts, task, crew),
    setLearningRate(rate) {
      tables.setLearningRate(rate);
      dense.setLearningRate(rate);
    },
    settle: () => tables.settle(),
    ...stateOf(parts),
    table(name) {
      tables.settle();
      return tables.table(name);
    },
    variable: (name) => variableOf(parts, name).slice(),
    ...given({ representation: composedOf(parts) }),
    dispose() {
      variables.dispose();
      tables.dispose();
    },
  };
}

/** Of models whose rows have something beside themselves. */
function composedOf({ model, tables }: TensorParts): ModelStep["representation"] | undefined {
  if (!model.tables.some(({ plus }) => plus !== undefined)) return undefined;
  return (name) => {
    tables.settle();
    return tables.composed(name);
  };
}

/**
 * What the batches of a step are worked at with, by their places. Made anew by each call: a pass that is repeated drops the same units, and notes what it
 * sees in new books.
 */
function worksOf(parts: TensorParts, seed: number, input: StepInput, asking: Asking): (k: number) => StepWork {
  const { tf, model, placement, statistics } = parts;
  const batches = [input, ...(input.more ?? [])].map(({ joint }) => jointOf(joint, input.step, model));
  const labels = batches.map((batch) => labelsOf(model.tasks, batch));
  const shares = sharesOf(batches, labels);
  return (k) => {
    const gates = gateBook(tf, asking.diagnose);
    const observed = statistics.book();
    return {
      ...parts,
      draw: onlyDraw(parts.draws),
      batch: batches[k] as TensorBatch,
      labels: labels[k] as StepWork["labels"],
      present: (labels[k] as StepWork["labels"]).map((label) => label !== null),
      shares: shares[k] as Float64Array,
      losses: new Float64Array(placement.tasks.names.length).fill(Number.NaN),
      forward: training(tf, seed, input.step, { gate: gates.note, observe: observed.note }, k),
      gates,
      observed,
      asking,
    };
  };
}

/** What one of a step's independent batches is worked at with, or (null) its held-out examples, of which only the target has a say. */
function furtherOf(parts: TensorParts, seed: number, input: StepInput, asking: Asking): (k: number | null) => StepWork {
  const { tf, model, placement, draws, statistics } = parts;
  const { names, target } = placement.tasks;
  const batches = batchesIn(draws, input);
  return (k) => {
    const joint = k === null ? input.validation?.joint : batches[k]?.joint;
    const batch = jointOf(joint, input.step, model);
    const gates = gateBook(tf, asking.diagnose && k === 0);
    const observed = statistics.book();
    const labels = labelsOf(model.tasks, batch).map((own, t) => (k !== null || t === target ? own : null));
    return {
      ...parts,
      draw: k === null ? heldOutDraw(draws) : drawAt(draws, k),
      batch,
      labels,
      present: labels.map((own) => own !== null),
      shares: new Float64Array(names.length + 1).fill(1),
      losses: new Float64Array(names.length).fill(Number.NaN),
      forward:
        k === null ? evaluation(tf) : training(tf, seed, input.step, { gate: gates.note, observe: observed.note }, k),
      gates,
      observed,
      asking,
    };
  };
}

const variableOf = ({ dense, statistics }: TensorParts, name: string): Float32Array =>
  statistics.values(name) ?? dense.values(name);

/** What all stores hold, as one. */
function stateOf({ tables, dense, statistics }: TensorParts): Pick<ModelStep, "state" | "restore" | "memory"> {
  return {
    state() {
      const rows = tables.state();
      const { arrays, steps } = dense.state();
      return {
        arrays: new Map<string, StateArray>([...rows.arrays, ...arrays, ...statistics.state()]),
        json: { tableStep: rows.step, denseSteps: { ...steps } },
      };
    },
    restore(arrays, json) {
      tables.restore(arrays, json["tableStep"] as number);
      dense.restore(arrays, json["denseSteps"] as JsonObject as Record<string, number>);
      statistics.restore(arrays);
    },
    memory() {
      const a = tables.memory();
      const b = dense.memory();
      // The tables' scratch counts everything else in their memory, the variables included.
      return {
        weights: a.weights + b.weights + statistics.bytes,
        optimizer: a.optimizer + b.optimizer,
        scratch: Math.max(0, a.scratch - b.weights - b.optimizer),
      };
    },
  };
}

function scorerOf(parts: TensorParts, task: string, crew: Crew | undefined): Scorer {
  const { tf, model, tables } = parts;
  if (model.ranking === undefined) {
    throw new GradpoolError({
      code: "unsupported",
      what: `${model.name} does not rank`,
      where: "engine.scorer",
      remedy: "evaluate it by AUC, GAUC or NE on impressions",
    });
  }
  tables.settle();
  const weights = {
    table: (name: string) => tables.composed(name),
    variable: (name: string) => variableOf(parts, name),
  };
  return model.ranking.scorer(tf, task, weights, (network) => pairKernel(tf, network, crew));
}

function requireTensors({ tf, model }: StepParts<TensorModel>): TensorOps {
  if (tf !== undefined) return tf;
  throw new GradpoolError({
    code: "invalid-option",
    what: "tf is missing",
    where: `model ${model.name}`,
    remedy: "give a tensor model tfjs: tf of (await selectBackend())",
  });
}

function jointOf(joint: TensorBatch | undefined, step: number, model: TensorModel): TensorBatch {
  if (joint !== undefined) return joint;
  throw new GradpoolError({
    code: "invalid-input",
    what: "a step without a joint batch",
    where: `step ${step}, ${model.name}`,
    remedy: "tensor models read one batch for all tasks: give `joint`",
  });
}
