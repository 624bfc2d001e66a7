import { given, GradpoolError } from "@gradpool/core";
import type { EmbeddingModel } from "@gradpool/models";
import type { ModelStep, StepKind, StepParts } from "../engine/step.js";
import { createTableStore } from "../tables/create-store.js";
import { beginStep } from "./batches.js";
import { lossesLevel, parametersLevel, representationLevel } from "./levels.js";
import { embeddingOps } from "./ops.js";

/**
 * Models that are all embeddings. A step costs its batch: rows are gathered, the tasks' losses write gradients of the gathered
 * rows, these are added up per task over the touched rows only, the pool decides from their Gram, and the weighted sum is
 * fused with the optimiser's update of those rows. Where rows have something beside themselves, the sums that are read are a
 * representation: at that level the pool sees the gradients of these, and what it makes of them goes on to both, once. Deterministic:
 * the same seed and batches give the same bits, with any number of threads.
 */
export const embeddingStep: StepKind<EmbeddingModel> = {
  levels: (model) => (isComposed(model) ? ["losses", "representation", "parameters"] : ["losses", "parameters"]),
  // Every gradient is known to be finite before the pool is asked; at the representation its answer goes on to other rows.
  sure: (level) => level === "parameters",
  make,
};

const isComposed = ({ tables }: EmbeddingModel): boolean => tables.some(({ plus }) => plus !== undefined);

const levels = { losses: lossesLevel, representation: representationLevel, parameters: parametersLevel };

function make(options: StepParts<EmbeddingModel>): ModelStep {
  const { model, placement, draws, apart, optimizer, seed, initial, memory, crew } = options;
  const moments = apart && { ...apart, tables: placement.balanced, sets: draws.places };
  const own = { tables: model.tables, optimizer, seed };
  const store = createTableStore({ ...own, ...given({ initial, memory, crew, apart: moments }) });
  const ops = embeddingOps(store.main);
  const decide = levels[placement.level];
  const composed = new Map<string, Float32Array>();
  /** Computed when asked for, kept until the next step. */
  function representation(name: string): Float32Array {
    store.settle();
    const rows = composed.get(name) ?? store.composed(name);
    composed.set(name, rows);
    return rows;
  }
  return {
    backend: store.backend,
    run(input, asking) {
      const { target } = placement.tasks;
      const { parts, present, losses, samples, idle } = beginStep(model, input, draws, {
        target,
        validate: asking.validate,
      });
      if (idle) return { losses, samples };
      composed.clear();
      const work = { model, placement, draws, apart, store, ops, parts, present, losses, asking };
      return { losses, samples, ...decide(work) };
    },
    setLearningRate: (rate) => store.setLearningRate(rate),
    settle: () => store.settle(),
    state() {
      const { arrays, step } = store.state();
      return { arrays, json: { optimizerSteps: step } };
    },
    restore(arrays, json) {
      composed.clear();
      store.restore(arrays, json["optimizerSteps"] as number);
    },
    table(name) {
      store.settle();
      return store.table(name);
    },
    ...given({ representation: isComposed(model) ? representation : undefined }),
    variable(name) {
      throw new GradpoolError({
        code: "not-found",
        what: `no variable ${name}`,
        where: `model ${model.name}`,
        remedy: "an embedding model has tables only: ask for a table",
      });
    },
    memory: () => store.memory(),
    dispose: () => store.dispose(),
  };
}
