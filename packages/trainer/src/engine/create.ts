import { given, GradpoolError, type GradientPool, type JsonObject, type JsonValue } from "@gradpool/core";
import type { Model } from "@gradpool/models";
import { resolveOptimizer } from "../optimizer/resolve.js";
import { createCrew } from "../threads/crew.js";
import { apartOf } from "./apart.js";
import type { Engine, StepInput, StepNeeds, StepResult } from "./contract.js";
import { drawsOf, requireDraws } from "./draws.js";
import { nonFinite } from "./failure.js";
import type { EngineOptions } from "./options.js";
import { placementOf } from "./placement.js";
import { heldPool } from "./pool.js";
import type { StepKind } from "./step.js";

/** An engine around one kind of step. */
export function engineOf<M extends Model>(options: EngineOptions<M>, kind: StepKind<M>): Engine {
  const { model, pool, seed = 0, initial, memory, tf, threads = 1 } = options;
  const skips = policyOf(options) === "skip";
  const placement = placementOf(options, kind.levels(model));
  const optimizer = resolveOptimizer(options.optimizer);
  const { tasks, level } = placement;
  const draws = drawsOf(pool, tasks.names.length, level, model.kind);
  const needs: StepNeeds = {
    pool: pool.name,
    batches: draws.batches,
    ...given({ validation: pool.wantsValidation && ((step: number) => pool.wantsValidation?.(step) === true) }),
  };
  const apart = apartOf(options, optimizer, placement);
  const crew = createCrew(threads);
  const own = kind.make({ model, placement, draws, optimizer, seed, ...given({ apart, initial, memory, tf, crew }) });
  // Plain SGD applies what it is given as θ − lr · d, and L2 decay is decoupled there: an update of a pool's own moments.
  const updates =
    apart !== undefined || (optimizer.name === "sgd" && optimizer.momentum === 0 && placement.clip === undefined);
  const held = heldPool({ pool, tasks, seed, donate: !skips || kind.sure?.(level) === true, updates, draws });
  let { learningRate } = optimizer;

  function step(input: StepInput): StepResult {
    requireDraws(input, draws, needs);
    const question = held.ask(input);
    const { losses, samples, regularizer, gates, failure, figures, apply } = own.run(input, question);
    if (failure !== undefined) {
      if (!skips) throw nonFinite(failure, input, tasks.names);
      return { losses, samples, skipped: failure };
    }
    const about = question.diagnostics(figures);
    const diagnostics = about === undefined ? undefined : { ...about, ...given({ gates }) };
    question.keep();
    const meanwhile = once(input.meanwhile);
    const norm = apply?.(meanwhile) ?? Number.NaN;
    meanwhile();
    const measured = Number.isNaN(norm) ? undefined : norm;
    return { losses, samples, ...given({ regularizer, weights: question.weights, diagnostics, norm: measured }) };
  }

  function setLearningRate(rate: number): void {
    own.setLearningRate(rate);
    learningRate = rate;
  }

  return {
    kind: model.kind,
    backend: own.backend,
    get threads() {
      return crew?.up ?? 1;
    },
    tasks,
    level,
    needs,
    optimizer,
    step,
    get learningRate() {
      return learningRate;
    },
    setLearningRate,
    settle: () => own.settle(),
    snapshot() {
      const { arrays, json } = own.state();
      return { arrays, json: { pool: pool.name, ...json, learningRate, state: held.state() } };
    },
    restore({ arrays, json }) {
      requireSamePool(json, pool);
      setLearningRate(json["learningRate"] as number);
      own.restore(arrays, json);
      held.restore(json["state"] as JsonValue);
    },
    table: (name) => own.table(name),
    variable: (name) => own.variable(name),
    ...given({ representation: own.representation, predict: own.predict, scorer: own.scorer }),
    memory: () => own.memory(),
    dispose() {
      own.dispose();
      crew?.dispose();
    },
  };
}

/** Does something the first time that it is called. */
function once(work: (() => void) | undefined): () => void {
  let left = work;
  return () => {
    const now = left;
    left = undefined;
    now?.();
  };
}

/** What becomes of a step with a loss or gradient that is not finite. */
function policyOf({ onNonFinite = "stop", model }: EngineOptions): "stop" | "skip" {
  if (onNonFinite === "stop" || onNonFinite === "skip") return onNonFinite;
  throw new GradpoolError({
    code: "invalid-option",
    what: `onNonFinite is ${String(onNonFinite)}`,
    where: `model ${model.name}`,
    remedy: "give stop or skip",
  });
}

/** Refuses the snapshot of a run with another pool: its state would mean something else. */
function requireSamePool(json: JsonObject, pool: GradientPool): void {
  if (json["pool"] === pool.name) return;
  throw new GradpoolError({
    code: "invalid-input",
    what: `a snapshot of a run with ${String(json["pool"])}`,
    where: `restore, pool ${pool.name}`,
    remedy: "resume with the pool that the run was started with",
  });
}
