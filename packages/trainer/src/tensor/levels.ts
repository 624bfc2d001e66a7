import type { Combined, GroupWeights } from "@gradpool/core";
import type { Tensor } from "@gradpool/models";
import type { SkippedStep } from "../engine/contract.js";
import { describeGradients } from "../engine/diagnostics.js";
import { type JoinedGradients, joinParts } from "../gradients/join.js";
import { densePart } from "./dense/part.js";
import type { DenseParameter } from "./dense/groups.js";
import { scatterInput } from "./inputs.js";
import { representationName } from "./representation.js";
import type { Decision, Passed, StepWork } from "./work.js";

type Maybe = SkippedStep | undefined;

const read = (tensor: Tensor): Float32Array => tensor.dataSync() as Float32Array;

/** The variables' tensors, in the order of the parameters. */
const tensorsOf = (parameters: readonly DenseParameter[], from: Readonly<Record<string, Tensor>>): Tensor[] =>
  parameters.map(({ name }) => from[name] as Tensor);

/** Moves gradients off the device: `tensors` are those of the inputs and then of the shared variables. */
function writeShared(work: StepWork, passed: Passed, tensors: readonly Tensor[], task: number, name: string): Maybe {
  const { dense, tables } = work;
  for (const [k, input] of passed.gathered.entries()) {
    const bad = scatterInput(input, read(tensors[k] as Tensor), task, tables);
    if (bad !== null) return { task: name, parameter: bad, reason: "its gradient is not finite" };
  }
  dense.shared.forEach((parameter, k) => {
    dense.gradient(parameter, null, task).set(read(tensors[passed.gathered.length + k] as Tensor));
  });
  if (dense.shared.length === 0 || Number.isFinite(dense.squaredNorm(null, task))) return undefined;
  const bad = dense.shared.find((p) => dense.gradient(p, null, task).some((x) => !Number.isFinite(x)));
  return { task: name, parameter: bad?.name ?? null, reason: "its gradient is not finite" };
}

/** The plain sum: every gradient of this step went into one accumulator (task 0's place). */
function applySum({ dense, tables }: StepWork): void {
  for (const name of tables.names) tables.apply(name);
  for (const parameter of dense.shared) dense.applyValues(parameter, null, dense.gradient(parameter, null, 0));
}

/** What arrives at Φ, through the trunk: one backward pass, into one accumulator. */
function throughTrunk(work: StepWork, passed: Passed, dPhi: Tensor, task: number, name: string): Maybe {
  const { dense, variables } = work;
  const xs = [...passed.inputs, ...tensorsOf(dense.shared, variables.shared())];
  return writeShared(work, passed, passed.backward(passed.representation, xs, dPhi), task, name);
}

/** Weights first, then one backward pass of Σ wᵢ Lᵢ. */
export function lossesLevel(work: StepWork, passed: Passed): Decision {
  const { present, losses, asking, placement } = work;
  const { heads, errors, representation } = passed;
  const { weights } = asking.pool(joinParts([], present), losses) as { weights: GroupWeights };
  const scaled = errors.map((error, t) => {
    const weight = weights.weights[t] as number;
    return error === null || weight === 1 ? error : error.map((x) => weight * x);
  });
  const arrived = heads.backward(scaled);
  const ones = new Float64Array(present.length).fill(1);
  const names = placement.tasks.names.filter((_, t) => present[t]).join("+");
  const failure = throughTrunk(work, passed, arrived.sum(ones), 0, names);
  if (failure !== undefined) return { failure };
  const apply = (): void => applySum(work);
  if (!asking.diagnose) return { apply };
  // No pool has looked at a gradient: show those of the representation, which are there already, as weighted as they are.
  work.representation.load(arrived, present, representation.size);
  const figures = describeGradients(joinParts([work.representation.part()], present), weights);
  const norms = figures.norms.map((norm, t) => norm / Math.abs(weights.weights[t] as number));
  return { figures: { ...figures, norms }, apply };
}

/** The heads' backward passes, the pool on what arrives at Φ, one pass of the combination through the trunk. */
export function representationLevel(work: StepWork, passed: Passed): Decision {
  const { tf, placement, present, losses, asking } = work;
  const { heads, representation } = passed;
  const arrived = heads.backward(passed.errors);
  const bad = work.representation.load(arrived, present, representation.size);
  if (bad >= 0) {
    const task = placement.tasks.names[bad] as string;
    return { failure: { task, parameter: representationName, reason: "its gradient is not finite" } };
  }
  const gradients = joinParts([work.representation.part()], present);
  const combined = asking.pool(gradients, losses);
  const cut = gradients.weightsOf(combined, representationName);
  const dPhi =
    cut === null
      ? tf.tensor(Float32Array.from(combined.value(representationName)), representation.shape, "float32")
      : arrived.sum(cut.weights);
  const failure = throughTrunk(work, passed, dPhi, 0, "all");
  return failure === undefined ? { apply: () => applySum(work) } : { failure };
}

/** One backward pass per task; the pool acts on the touched rows and the shared variables that `balance` names. */
export function parametersLevel(work: StepWork, passed: Passed): Decision {
  const { placement, present, losses, asking, dense, tables } = work;
  const arrived = passed.heads.backward(passed.errors);
  for (const [t, task] of placement.tasks.names.entries()) {
    if (present[t] !== true) continue;
    let failure: Maybe;
    work.tf.tidy(() => {
      failure = throughTrunk(work, passed, arrived.one(t), t, task);
    });
    if (failure !== undefined) return { failure };
  }
  const inTables = tables.names.filter((name) => placement.balanced.has(name));
  const inDense = dense.shared.filter(({ name }) => placement.balanced.has(name));
  const gradients = joinParts([tables.part(inTables), densePart(dense, inDense, present)], present);
  const combined = asking.pool(gradients, losses);
  return { apply: () => applyPooled(work, gradients, combined) };
}

/** The pool's answer where it balances, the plain sum elsewhere. */
function applyPooled(work: StepWork, gradients: JoinedGradients, combined: Combined): void {
  const { placement, present, dense, tables } = work;
  const ones = new Float32Array(present.length).fill(1);
  for (const name of tables.names) {
    if (!placement.balanced.has(name)) tables.apply(name);
    else tables.apply(name, gradients.weightsOf(combined, name) ?? { values: combined.value(name) });
  }
  for (const parameter of dense.shared) {
    const { name } = parameter;
    const cut = placement.balanced.has(name) ? gradients.weightsOf(combined, name) : { weights: ones };
    if (cut === null) dense.applyValues(parameter, null, Float32Array.from(combined.value(name)));
    else dense.applyWeighted(parameter, present, Float32Array.from(cut.weights));
  }
}
