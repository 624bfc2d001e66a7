import type { Combined, GroupWeights } from "@gradpool/core";
import { describeGradients } from "../engine/diagnostics.js";
import { taskAt } from "../engine/draws.js";
import { type JoinedGradients, joinParts } from "../gradients/join.js";
import { rowPart } from "../tables/row-part.js";
import { densePart } from "../tensor/dense/part.js";
import { arriveFrom } from "./arriving.js";
import { applyStep, backward, notFinite, sumOfDense } from "./backward.js";
import { combineNodes, combineRead } from "./combine.js";
import { addEgoDecay, addEncodedDecay, decayAlone } from "./decay.js";
import { forward, isFailure, type Passed } from "./forward.js";
import type { Decision, GraphWork } from "./work.js";

/** The pool weighs the losses; their weighted gradients at Z go back through the encoder once. */
export function lossesLevel(work: GraphWork): Decision {
  const { asking, losses, present, reading } = work;
  const passed = forward(work);
  if (isFailure(passed)) return { failure: passed };
  const weights = asking.pool(joinParts([], present), losses).weights as GroupWeights;
  const decided = backOnce(work, passed, () => weights);
  if (!asking.diagnose) return decided;
  // No pool has looked at a gradient: show those at Z, which are there already.
  const figures = describeGradients(joinParts([rowPart(reading.tables, present.length)], present), weights);
  return { ...decided, figures };
}

/** The pool sees the gradients of the rows of Z that the batches read; what it answers goes back through the encoder once. */
export function representationLevel(work: GraphWork): Decision {
  const { asking, losses, present, reading } = work;
  const passed = forward(work);
  if (isFailure(passed)) return { failure: passed };
  const gradients = joinParts([rowPart(reading.tables, present.length)], present);
  const combined = asking.pool(gradients, losses);
  return backOnce(work, passed, (table) => gradients.weightsOf(combined, table) ?? { values: combined.value(table) });
}

/** One pass back, of the combination at Z, whatever the number of tasks. */
function backOnce(work: GraphWork, passed: Passed, answer: Parameters<typeof combineRead>[1]): Decision {
  const { placement, present } = work;
  combineRead(work, answer);
  addEncodedDecay(work, passed);
  backward(work, passed.nodes, 0);
  addEgoDecay(work, passed, 0);
  const names = placement.tasks.names.filter((_, t) => present[t]).join("+");
  const failure = notFinite(work, 0, names);
  return failure === null ? { apply: () => applyStep(work, 0, sumOfDense(work, null)) } : { failure };
}

/** A pass back for each task; the pool sees the gradients of the tables' rows and of the encoder's variables. */
export function parametersLevel(work: GraphWork): Decision {
  const { placement, draws, present, losses, asking } = work;
  const passed = forward(work);
  if (isFailure(passed)) return { failure: passed };
  for (const [t, here] of present.entries()) {
    if (!here) continue;
    backward(work, arriveFrom(work, passed, t), t);
    const failure = notFinite(work, t, placement.tasks.names[taskAt(draws, t, placement.tasks.target)] as string);
    if (failure !== null) return { failure };
  }
  const gradients = gradientsOf(work);
  const combined = asking.pool(gradients, losses);
  return combineParameters(work, passed, gradients, combined);
}

function gradientsOf({ placement, present, gradients, sources, dense }: GraphWork): JoinedGradients {
  const views = present.map((here, t) => {
    const block = gradients[here ? t : present.indexOf(true)] as (typeof gradients)[number];
    return (): Float32Array => block.values;
  });
  for (const source of sources) source.take(present, views);
  const balanced = sources.filter(({ spec }) => placement.balanced.has(spec.name));
  const inDense = dense.shared.filter(({ name }) => placement.balanced.has(name));
  return joinParts([rowPart(balanced, present.length), densePart(dense, inDense, present)], present);
}

/** The pool's answer where it balances, the plain sum elsewhere; then the regulariser, which no pool sees. */
function combineParameters(work: GraphWork, passed: Passed, gradients: JoinedGradients, combined: Combined): Decision {
  const { placement, present } = work;
  const answer = (name: string) =>
    placement.balanced.has(name) ? (gradients.weightsOf(combined, name) ?? { values: combined.value(name) }) : null;
  const into = present.indexOf(true);
  combineNodes(work, answer, into);
  const variables = sumOfDense(work, answer);
  decayAlone(work, passed, into, variables);
  addEgoDecay(work, passed, into);
  const failure = notFinite(work, into, placement.tasks.names.filter((_, t) => present[t]).join("+"), false);
  return failure === null ? { apply: () => applyStep(work, into, variables) } : { failure };
}
