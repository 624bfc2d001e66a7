import type { Combined, GroupWeights } from "@gradpool/core";
import type { Tensor, TensorOps } from "@gradpool/models";
import type { Apart } from "../engine/apart.js";
import type { SkippedStep } from "../engine/contract.js";
import { describeGradients, type GradientFigures } from "../engine/diagnostics.js";
import { sharesOf } from "../engine/draws.js";
import type { Update } from "../engine/limit.js";
import { type JoinedGradients, joinParts } from "../gradients/join.js";
import { densePart } from "./dense/part.js";
import type { DenseParameter } from "./dense/groups.js";
import { representationName } from "./representation.js";
import type { Arrived } from "./heads/pass.js";
import { termsOf } from "./terms.js";
import { throughTrunk } from "./through-trunk.js";
import type { Decision, Passed, StepWork } from "./work.js";

/** Which terms of the objective are present: the tasks, then the regulariser where there is one. */
const presentTerms = ({ model, present }: StepWork): readonly boolean[] =>
  model.regularizer === undefined ? present : [...present, true];

/** Weights of the tasks, and 1 for the regulariser. */
function weightsOfTerms({ model, present }: StepWork, weights: ArrayLike<number>): Float32Array {
  const out = new Float32Array(present.length + (model.regularizer === undefined ? 0 : 1)).fill(1);
  out.set(weights);
  return out;
}

const sizeOf = (tensors: readonly Tensor[]): number => tensors.reduce((sum, { size }) => sum + size, 0);

/** Shared variables above the cut: every task's gradient of them is there without a pass through the trunk. */
export const aboveCut = ({ dense }: StepWork): readonly DenseParameter[] =>
  dense.shared.filter(({ place }) => place === "heads");

/**
 * What one pass through the trunk left: every gradient of it went into one accumulator (term 0's place). Above the cut, the
 * weighted sum.
 */
function sumUpdates(work: StepWork, above: (parameter: DenseParameter) => Update): readonly Update[] {
  const { dense, tables, model } = work;
  return [
    ...model.tables.flatMap(({ name, owner = null }) => (owner === null ? [tables.update(name)] : [])),
    ...dense.shared.map((parameter) =>
      parameter.place === "heads" ? above(parameter) : dense.valued(parameter, () => dense.gradient(parameter, 0)),
    ),
  ];
}

/** What a pool of losses answers with. */
export const weighLosses = ({ asking, present, losses }: StepWork): GroupWeights =>
  (asking.pool(joinParts([], present), losses) as { weights: GroupWeights }).weights;

/** Weights first, then one backward pass of Σ wᵢ Lᵢ. */
export function lossesLevel(work: StepWork, passed: Passed): Decision {
  const { present, asking } = work;
  const weights = weighLosses(work);
  const looked: Arrived[] = [];
  const failure = backWeighted(work, passed, weights, asking.diagnose ? (all) => void looked.push(all) : undefined);
  if (failure !== undefined) return { failure };
  const updates = weightedUpdates(work);
  const [arrived] = looked;
  if (arrived === undefined) return { updates };
  // No pool has looked at a gradient: show those of the representation, which are there already, as weighted as they are.
  work.representation.load(arrived, present, sizeOf(passed.cut));
  return {
    figures: unweighted(describeGradients(joinParts([work.representation.part()], present), weights), weights),
    updates,
  };
}

/** Figures of gradients that were weighted: their norms are of those that were not. */
export const unweighted = (figures: GradientFigures, { weights }: GroupWeights): GradientFigures => ({
  ...figures,
  norms: figures.norms.map((norm, t) => norm / Math.abs(weights[t] as number)),
});

/** One backward pass of Σ wᵢ Lᵢ. `look`: at what arrives at the cut, if somebody does. */
export function backWeighted(
  work: StepWork,
  passed: Passed,
  weights: GroupWeights,
  look: ((arrived: Arrived) => void) | undefined,
): SkippedStep | undefined {
  const { present, placement } = work;
  const { heads, errors } = passed;
  const scaled = errors.map((of, t) => {
    const weight = t < present.length ? (weights.weights[t] as number) : 1;
    if (of === null || weight === 1) return of;
    return of.map((error) => error?.map((x) => weight * x) ?? null);
  });
  const arrived = heads.backward(scaled);
  if (arrived.failure !== undefined) return arrived.failure;
  const names = placement.tasks.names.filter((_, t) => present[t]).join("+");
  const sum = arrived.sum(onesOf(work));
  if (look === undefined) arrived.release(sum);
  else look(arrived);
  return throughTrunk(work, passed, sum, "all", names);
}

const onesOf = (work: StepWork): Float32Array => weightsOfTerms(work, new Float64Array(work.present.length).fill(1));

/** The updates of gradients that were weighted on their way back. */
export function weightedUpdates(work: StepWork): readonly Update[] {
  const [terms, ones] = [presentTerms(work), onesOf(work)];
  return sumUpdates(work, (parameter) => work.dense.weighted(parameter, terms, ones));
}

/**
 * The heads' backward passes, the pool on what arrives at the cut and at shared variables above it, one pass of the combination
 * through the trunk.
 */
export function representationLevel(work: StepWork, passed: Passed): Decision {
  const { placement, present, losses, asking, dense } = work;
  const { heads, cut } = passed;
  const arrived = heads.backward(passed.errors);
  if (arrived.failure !== undefined) return { failure: arrived.failure };
  const bad = work.representation.load(arrived, present, sizeOf(cut));
  if (bad >= 0) {
    const task = placement.tasks.names[bad] as string;
    return { failure: { task, parameter: representationName, reason: "its gradient is not finite" } };
  }
  const above = aboveCut(work);
  const parts = [work.representation.part(), ...(above.length > 0 ? [densePart(dense, above, present)] : [])];
  const gradients = joinParts(parts, present);
  const combined = asking.pool(gradients, losses);
  const weights = gradients.weightsOf(combined, representationName);
  const pooled =
    weights === null
      ? withUnpooled(work, cutApart(work.tf, combined, cut), arrived.one)
      : arrived.sum(weightsOfTerms(work, weights.weights));
  arrived.release(pooled);
  const failure = throughTrunk(work, passed, pooled, "all", "all");
  if (failure !== undefined) return { failure };
  return { updates: pooledAbove(work, gradients, combined) };
}

/** The updates of a pass through the trunk of what the pool made: above the cut, by its answer. */
export const pooledAbove = (work: StepWork, gradients: JoinedGradients, combined: Combined): readonly Update[] =>
  sumUpdates(work, (parameter) => sharedUpdate(work, parameter, gradients, combined));

/** A pool's answer in coordinates, in the shapes of the cut. */
function cutApart(tf: TensorOps, combined: Combined, cut: readonly Tensor[]): readonly Tensor[] {
  return inShapes(tf, Float32Array.from(combined.value(representationName)), cut);
}

/** Coordinates in the shapes of the cut. */
export function inShapes(tf: TensorOps, values: Float32Array, cut: readonly Tensor[]): readonly Tensor[] {
  let at = 0;
  return cut.map(({ shape, size }) => tf.tensor(values.slice(at, (at += size)), shape, "float32"));
}

/** The pool's answer, and what arrives from the regulariser beside it. */
function withUnpooled(
  { tf, model, present }: StepWork,
  pooled: readonly Tensor[],
  one: (term: number) => readonly Tensor[],
): readonly Tensor[] {
  if (model.regularizer === undefined) return pooled;
  const more = one(present.length);
  return pooled.map((tensor, k) => tf.add(tensor, more[k] as Tensor));
}

/** One backward pass per term, and the pool on what they left. */
export function parametersLevel(work: StepWork, passed: Passed): Decision {
  const failure = backByTerm(work, passed);
  return failure === undefined ? poolParameters(work) : { failure };
}

/** One backward pass per term, to where their gradients are kept. */
export function backByTerm(work: StepWork, passed: Passed): SkippedStep | undefined {
  const { heads, errors } = passed;
  const together = heads.oneByOne ? null : heads.backward(errors);
  if (together?.failure !== undefined) return together.failure;
  for (const [term, name] of termsOf(work.model, work.placement).entries()) {
    // Absent; or the regulariser, of held-out examples.
    if ((errors[term] ?? null) === null) continue;
    let failure: SkippedStep | undefined;
    // What arrives at the cut goes on at once where it can be had alone, and is let go before the next term's.
    work.tf.tidy(() => {
      const arrived = together ?? heads.backward(errors.map((of, k) => (k === term ? of : null)));
      failure = arrived.failure ?? throughTrunk(work, passed, arrived.one(term), term, name);
    });
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** The pool on the touched rows and the shared variables that `balance` names. */
export function poolParameters(work: StepWork): Decision {
  const { placement, present, losses, asking, dense, tables } = work;
  const inTables = tables.names.filter((name) => placement.balanced.has(name));
  const inDense = dense.shared.filter(({ name }) => placement.balanced.has(name));
  const gradients = joinParts([tables.part(inTables), densePart(dense, inDense, present)], present);
  if (work.apart !== undefined) return apartly(work, work.apart, gradients);
  const combined = asking.pool(gradients, losses);
  return { updates: pooledUpdates(work, gradients, combined) };
}

/** Each task moves what it reaches by moments of its own, where the pool would balance; the plain sum elsewhere. */
function apartly(work: StepWork, { weights }: Apart, gradients: JoinedGradients): Decision {
  const { placement, dense, tables, model, draws, asking } = work;
  const terms = presentTerms(work);
  const updates = [
    ...model.tables.flatMap(({ name, owner = null }) =>
      owner !== null
        ? []
        : [tables.update(name, placement.balanced.has(name) ? { granularity: "model", weights } : undefined)],
    ),
    ...dense.shared.map((parameter) =>
      placement.balanced.has(parameter.name)
        ? dense.apart(parameter, terms, weightsOfTerms(work, weights))
        : dense.weighted(parameter, terms, weightsOfTerms(work, sharesOf(draws))),
    ),
  ];
  return { updates, ...(asking.diagnose && { figures: describeGradients(gradients, undefined) }) };
}

/** The pool's answer where it balances, the plain sum elsewhere. */
function pooledUpdates(work: StepWork, gradients: JoinedGradients, combined: Combined): readonly Update[] {
  const { placement, dense, tables, model } = work;
  const answer = (name: string) =>
    placement.balanced.has(name)
      ? (gradients.weightsOf(combined, name) ?? { values: combined.value(name) })
      : undefined;
  return [
    ...model.tables.flatMap(({ name, owner = null }) => (owner === null ? [tables.update(name, answer(name))] : [])),
    ...dense.shared.map((parameter) => sharedUpdate(work, parameter, gradients, combined)),
  ];
}

/** A shared variable by the pool's answer; by the plain sum where the pool does not see it. */
function sharedUpdate(
  work: StepWork,
  parameter: DenseParameter,
  gradients: JoinedGradients,
  combined: Combined,
): Update {
  const { placement, dense, draws, present, model } = work;
  const { name } = parameter;
  const plain = { weights: sharesOf(draws) };
  const cut = placement.balanced.has(name) ? gradients.weightsOf(combined, name) : plain;
  if (cut !== null) return dense.weighted(parameter, presentTerms(work), weightsOfTerms(work, cut.weights));
  const values = Float32Array.from(combined.value(name));
  if (model.regularizer !== undefined) {
    dense.gradient(parameter, present.length).forEach((x, k) => (values[k] = (values[k] as number) + x));
  }
  return dense.valued(parameter, () => values);
}
