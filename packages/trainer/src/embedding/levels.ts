import { given, type GroupWeights } from "@gradpool/core";
import type { Apart } from "../engine/apart.js";
import type { SkippedStep } from "../engine/contract.js";
import { describeGradients, type GradientFigures } from "../engine/diagnostics.js";
import type { StepOutcome } from "../engine/step.js";
import { applyWithin } from "../engine/limit.js";
import { type JoinedGradients, joinParts } from "../gradients/join.js";
import type { Combine } from "../tables/store.js";
import { gradientsOf, isFailure, lossesOf } from "./differentiate.js";
import type { EmbeddingWork } from "./work.js";

/** What a level came to: see {@link StepOutcome}. */
export type Decision = Pick<StepOutcome, "failure" | "figures" | "apply">;

/** T accumulators, the pool on their Gram, and its weights fused into the update. */
export function parametersLevel(work: EmbeddingWork): Decision {
  const { store, placement, losses, asking } = work;
  const gradients = gradientsOf(work);
  if (isFailure(gradients)) return { failure: gradients };
  if (work.apart !== undefined) return apartly(work, work.apart, gradients);
  const combined = asking.pool(gradients, losses);
  const answers = store.names.map((table) =>
    placement.balanced.has(table)
      ? (gradients.weightsOf(combined, table) ?? { values: combined.value(table) })
      : undefined,
  );
  return {
    apply: (meanwhile) => applyAll(work, (k) => answers[k], meanwhile),
  };
}

/** Each task moves the rows that it touched by moments of its own; the pool is not asked. */
function apartly({ store, placement, asking }: EmbeddingWork, apart: Apart, gradients: JoinedGradients): Decision {
  const { weights } = apart;
  const figures = asking.diagnose ? describeGradients(gradients, undefined) : undefined;
  return {
    ...given({ figures }),
    apply() {
      for (const table of store.names)
        store.apply(table, placement.balanced.has(table) ? { granularity: "model", weights } : undefined);
      store.end();
      return Number.NaN;
    },
  };
}

/**
 * The pool sees the gradients of the rows that are read, each with what it has beside itself; its answer is the gradient of both, handed
 * on once, whatever the number of tasks.
 */
export function representationLevel(work: EmbeddingWork): Decision {
  const { store, placement, losses, asking } = work;
  const read = store.names.filter((name) => !store.isAdded(name));
  const gradients = gradientsOf(work, (table) => (store.isAdded(table) ? "through" : "tasks"));
  if (isFailure(gradients)) return { failure: gradients };
  const combined = asking.pool(gradients, losses);
  const answers = new Map<string, Combine>(
    read.map((table) => [table, gradients.weightsOf(combined, table) ?? { values: combined.value(table) }]),
  );
  for (const [table, answer] of answers) {
    if (store.passOn(table, answer)) continue;
    const task = placement.tasks.names.filter((_, t) => work.present[t]).join("+");
    return { failure: { task, parameter: table, reason: "the sum of the gradients is not finite" } };
  }
  return { apply: (meanwhile) => applyAll(work, (k) => answers.get(store.names[k] as string), meanwhile) };
}

/** The pool weighs the losses, and all tasks' gradients go, weighted, into one accumulator. */
export function lossesLevel(work: EmbeddingWork): Decision {
  const { present, losses, asking } = work;
  const probed = asking.diagnose ? probe(work) : undefined;
  if (probed !== undefined && isFailure(probed)) return { failure: probed };
  const computed = lossesOf(work);
  if (isFailure(computed)) return { failure: computed };
  const { weights } = asking.pool(joinParts([], present), losses).weights as GroupWeights;
  const wrong = computed.add((t) => weights[t] as number);
  if (wrong !== null) return { failure: wrong };
  const shown = weights.map((weight, t) => (present[t] === true ? weight : Number.NaN));
  return {
    ...given({ figures: probed && { ...probed, weights: shown } }),
    apply: (meanwhile) => applyAll(work, () => undefined, meanwhile),
  };
}

/** The optimiser's step on all tables, with the pool's answers for them (by place; none: the plain sum). */
function applyAll(
  { store, placement }: EmbeddingWork,
  answer: (k: number) => Combine | undefined,
  meanwhile?: () => void,
): number {
  const norm = applyWithin(
    placement.clip,
    store.names.map((table, k) => store.update(table, answer(k))),
    (work) => store.atOnce(work, meanwhile),
  );
  store.end();
  return norm;
}

/** Diagnostics need the tasks' gradients apart: a pass of its own, so that they do not change a bit of the training. */
function probe(work: EmbeddingWork): GradientFigures | SkippedStep {
  const gradients = gradientsOf(work);
  return isFailure(gradients) ? gradients : describeGradients(gradients, undefined);
}
