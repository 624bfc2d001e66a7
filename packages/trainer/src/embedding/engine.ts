import {
  type Diagnostics,
  GradpoolError,
  type GroupWeights,
  type JsonValue,
  poolContext,
  stateFromJson,
  stateToJson,
  taskSet,
} from "@gradpool/core";
import type { Batch } from "@gradpool/data";
import type { HostModel, HostTask } from "@gradpool/models";
import { requireSamePool } from "../engine/same-pool.js";
import type { Engine, EngineOptions, EngineSnapshot, StepInput, StepResult } from "../engine/contract.js";
import { describeGradients } from "../engine/diagnostics.js";
import { joinParts } from "../gradients/join.js";
import { resolveOptimizer } from "../optimizer/resolve.js";
import { createTableStore } from "../tables/create-store.js";
import type { Gathered } from "../tables/store.js";
import { badGradient, badLoss, type NonFinite } from "./non-finite.js";
import { hostOps } from "./ops.js";
import { balancedTables, resolveLevel } from "./options.js";

export interface HostEngineOptions extends EngineOptions {
  readonly model: HostModel;
}

/**
 * Trains models that are all embeddings. A step costs its batch: rows are gathered, the tasks' losses write gradients of
 * the gathered rows, these are added up per task over the touched rows only, the pool decides from their Gram, and the
 * weighted sum is fused with the optimiser's update of those rows. Single-threaded and deterministic: the same seed and
 * batches give the same bits.
 */
export function createHostEngine(options: HostEngineOptions): Engine {
  const { model, pool, seed = 0, onNonFinite = "stop" } = options;
  const level = resolveLevel(pool, options.level);
  const balanced = balancedTables(model, options.balance);
  const optimizer = resolveOptimizer(options.optimizer);
  const names = model.tasks.map((task) => task.name);
  const target = options.target === undefined ? 0 : names.indexOf(options.target);
  const tasks = taskSet(names, target);
  const count = names.length;
  const { initial, memory } = options;
  const store = createTableStore({
    tables: model.tables,
    optimizer,
    seed,
    ...(initial === undefined ? {} : { initial }),
    ...(memory === undefined ? {} : { memory }),
  });
  const ops = hostOps(store.main);
  const chosen = store.names.filter((name) => balanced.has(name));
  let learningRate = optimizer.learningRate;
  let state = pool.init(tasks);

  const modeOf = (table: string): "tasks" | "sum" => (balanced.has(table) ? "tasks" : "sum");

  /** Gathers a task's rows and computes its loss and gradient blocks; the gathered blocks, or what went wrong. */
  function differentiate(input: StepInput, t: number, batch: Batch, losses: Float64Array): Gathered[] | NonFinite {
    const task = model.tasks[t] as HostTask;
    const gathered = task.lookups(batch as never).map((lookup) => store.gather(lookup));
    let loss = Number.NaN;
    // A loss that makes memory grow has written to views that are gone. It is pure: it runs again on the new ones.
    for (let attempt = 0; attempt < 2; attempt++) {
      const rows = gathered.map((one) => one.rows);
      const gradients = gathered.map((one) => one.gradient);
      loss = task.loss(batch as never, rows, gradients, ops);
      if (gradients.every((view, k) => view.length === (gathered[k] as Gathered).gradient.length)) break;
    }
    losses[t] = loss;
    return Number.isFinite(loss) ? gathered : badLoss(input, task.name, batch, loss, gathered);
  }

  function addUp(input: StepInput, t: number, batch: Batch, gathered: Gathered[], scale: number): NonFinite | null {
    for (const one of gathered)
      if (!store.scatter(one, t, undefined, scale))
        return badGradient(input, names[t] as string, batch, one.lookup.table, gathered);
    return null;
  }

  /** One gradient per task over the balanced tables, ready for the pool; or what went wrong. */
  function taskGradients(input: StepInput, batches: readonly (Batch | null)[], losses: Float64Array) {
    store.begin(count, modeOf);
    for (let t = 0; t < count; t++) {
      const batch = batches[t];
      if (batch === null || batch === undefined) continue;
      store.recycle();
      const gathered = differentiate(input, t, batch, losses);
      if (!Array.isArray(gathered)) return gathered;
      const wrong = addUp(input, t, batch, gathered, 1);
      if (wrong !== null) return wrong;
    }
    return joinParts(
      [store.part(chosen)],
      batches.map((batch) => batch !== null),
    );
  }

  function context(input: StepInput, losses: Float64Array, reports: Diagnostics[]) {
    return poolContext({
      tasks,
      seed,
      step: input.step,
      epoch: input.epoch,
      losses,
      // A step that is left out after the pool has seen it must leave the pool's averages as they were.
      donate: onNonFinite === "stop",
      ...(input.diagnostics === true
        ? { report: (said: Diagnostics) => void (said.row === undefined && reports.push(said)) }
        : {}),
    });
  }

  /** Level `parameters`: T accumulators, the pool on their Gram, and its weights fused into the update. */
  function stepOnGradients(input: StepInput, batches: readonly (Batch | null)[], losses: Float64Array) {
    const gradients = taskGradients(input, batches, losses);
    if ("skipped" in gradients) return gradients;
    const reports: Diagnostics[] = [];
    const { combined, state: next } = pool.pool(gradients, context(input, losses, reports), state);
    const answers = chosen.map((table) => gradients.weightsOf(combined, table) ?? { values: combined.value(table) });
    const diagnostics =
      input.diagnostics === true ? { ...describeGradients(gradients, combined.weights), reports } : undefined;
    state = next;
    for (const table of store.names) if (!balanced.has(table)) store.apply(table);
    chosen.forEach((table, k) => store.apply(table, answers[k]));
    return { weights: combined.weights, diagnostics };
  }

  /** Level `losses`: the pool weighs the losses, and all tasks' gradients go, weighted, into one accumulator. */
  function stepOnLosses(input: StepInput, batches: readonly (Batch | null)[], losses: Float64Array) {
    const reports: Diagnostics[] = [];
    // Diagnostics need the tasks' gradients apart: a pass of its own, so that they do not change a bit of the training.
    const probe = input.diagnostics === true ? taskGradients(input, batches, losses) : undefined;
    if (probe !== undefined && "skipped" in probe) return probe;
    const norms = probe === undefined ? undefined : { ...describeGradients(probe, undefined), reports };
    store.begin(count, () => "sum");
    const blocks: (Gathered[] | null)[] = [];
    for (let t = 0; t < count; t++) {
      const batch = batches[t];
      if (batch === null || batch === undefined) {
        blocks.push(null);
        continue;
      }
      const gathered = differentiate(input, t, batch, losses);
      if (!Array.isArray(gathered)) return gathered;
      blocks.push(gathered);
    }
    const gradients = joinParts(
      [],
      batches.map((batch) => batch !== null),
    );
    const { combined, state: next } = pool.pool(gradients, context(input, losses, reports), state);
    const weights = combined.weights as GroupWeights;
    for (let t = 0; t < count; t++) {
      const gathered = blocks[t];
      if (gathered === null || gathered === undefined) continue;
      const wrong = addUp(input, t, batches[t] as Batch, gathered, weights.weights[t] as number);
      if (wrong !== null) return wrong;
    }
    state = next;
    for (const table of store.names) store.apply(table);
    return { weights, diagnostics: norms === undefined ? undefined : { ...norms, weights: weights.weights.slice() } };
  }

  return {
    kind: "host",
    backend: store.backend,
    tasks,
    level,
    optimizer,
    step(input): StepResult {
      const batches = presentBatches(model, input);
      const losses = new Float64Array(count).fill(Number.NaN);
      const samples = batches.reduce((sum, batch) => sum + (batch?.size ?? 0), 0);
      if (batches.every((batch) => batch === null)) return { losses, samples };
      const done = (level === "losses" ? stepOnLosses : stepOnGradients)(input, batches, losses);
      if ("skipped" in done) {
        if (onNonFinite === "stop") throw done.error;
        return { losses, samples, skipped: done.skipped };
      }
      store.end();
      return {
        losses,
        samples,
        ...(done.weights === undefined ? {} : { weights: done.weights }),
        ...(done.diagnostics === undefined ? {} : { diagnostics: done.diagnostics }),
      };
    },
    setLearningRate(rate) {
      store.setLearningRate(rate);
      learningRate = rate;
    },
    settle: () => store.settle(),
    snapshot() {
      const { arrays, step } = store.state();
      return { arrays, json: { pool: pool.name, optimizerSteps: step, learningRate, state: stateToJson(state) } };
    },
    restore({ arrays, json }: EngineSnapshot) {
      requireSamePool(json, pool);
      store.setLearningRate(json["learningRate"] as number);
      store.restore(arrays, json["optimizerSteps"] as number);
      learningRate = json["learningRate"] as number;
      state = stateFromJson(json["state"] as JsonValue);
    },
    table(name) {
      store.settle();
      return store.table(name);
    },
    variable(name) {
      throw new GradpoolError({
        code: "not-found",
        what: `no variable ${name}`,
        where: `model ${model.name}`,
        remedy: "a host model has tables only: ask for a table",
      });
    },
    memory: () => store.memory(),
    dispose: () => store.dispose(),
  };
}

/** The batches of the step, with null where a task has no sample, or no label, in it. */
function presentBatches(model: HostModel, input: StepInput): readonly (Batch | null)[] {
  const { batches } = input;
  if (batches?.length !== model.tasks.length) {
    throw new GradpoolError({
      code: "shape",
      what: `${batches?.length ?? "no"} batches`,
      where: `step ${input.step}, model ${model.name}`,
      remedy: `give ${model.tasks.length}, one per task (null: absent)`,
    });
  }
  return batches.map((batch, t) => {
    if (batch === null || batch.size === 0) return null;
    if (batch.kind !== "joint" && batch.kind !== "impressions") return batch;
    const mask = batch.masks[batch.tasks.indexOf((model.tasks[t] as HostTask).name)];
    return mask === undefined || mask.subarray(0, batch.size).some((labelled) => labelled !== 0) ? batch : null;
  });
}
