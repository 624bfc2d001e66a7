import type { Combined, GroupWeights, TaskGradients } from "@gradpool/core";
import type { Tensor } from "@gradpool/models";
import type { SkippedStep } from "../engine/contract.js";
import { joinParts } from "../gradients/join.js";
import { densePart } from "./dense/part.js";
import type { DenseParameter } from "./dense/store.js";
import { describeGradients } from "../engine/diagnostics.js";
import { representationName } from "./representation.js";
import { scatterSlot } from "./inputs.js";
import type { Decision, Passed, StepWork } from "./work.js";

type Maybe = SkippedStep | undefined;

const read = (tensor: Tensor): Float32Array => tensor.dataSync() as Float32Array;

/** The variables' tensors, in the order of the parameters. */
const tensorsOf = (parameters: readonly DenseParameter[], from: Readonly<Record<string, Tensor>>): Tensor[] =>
  parameters.map(({ name }) => from[name] as Tensor);

/** Moves gradients off the device: `tensors` are those of the inputs and then of the shared variables. */
function writeShared(work: StepWork, passed: Passed, tensors: readonly Tensor[], task: number, name: string): Maybe {
  const { dense, tables } = work;
  for (const [k, slot] of passed.slots.entries()) {
    const bad = scatterSlot(slot, read(tensors[k] as Tensor), task, tables);
    if (bad !== null) return { task: name, parameter: bad, reason: "its gradient is not finite" };
  }
  dense.shared.forEach((parameter, k) => {
    dense.gradient(parameter, null, task).set(read(tensors[passed.slots.length + k] as Tensor));
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

/** Gradients that nobody computed: pools of the losses level look at who is present, and answer with weights. */
function unread(present: readonly boolean[]): TaskGradients {
  return {
    ...joinParts([], present),
    tasks: present.length,
    combine: (weights: GroupWeights): Combined => ({ weights, value: () => new Float32Array(0) }),
  };
}

/** What arrives at Φ, through the trunk: one backward pass, into one accumulator. */
function throughTrunk(work: StepWork, passed: Passed, dPhi: Tensor, task: number, name: string): Maybe {
  const { dense, variables } = work;
  const xs = [...passed.inputs, ...tensorsOf(dense.shared, variables.shared())];
  return writeShared(work, passed, passed.backward(passed.representation, xs, dPhi), task, name);
}

/** Weights first, then one backward pass of Σ wᵢ Lᵢ. */
export function lossesLevel(work: StepWork, passed: Passed): Decision {
  const { plan, pool } = work;
  const { present, heads, errors, representation } = passed;
  const { combined, state } = pool.pool(unread(present), work.context(passed.losses), work.state);
  const { weights } = combined as { weights: GroupWeights };
  const scaled = errors.map((error, t) => {
    const weight = weights.weights[t] as number;
    return error === null || weight === 1 ? error : error.map((x) => weight * x);
  });
  const arrived = heads.backward(scaled);
  const ones = new Float64Array(present.length).fill(1);
  const names = plan.tasks.names.filter((_, t) => present[t]).join("+");
  const failure = throughTrunk(work, passed, arrived.sum(ones), 0, names);
  if (failure !== undefined) return { failure };
  if (work.input.diagnostics !== true) return { state, weights, apply: () => applySum(work) };
  // No pool has looked at a gradient: show those of the representation, which are there already, as weighted as they are.
  work.representation.load(arrived, present, representation.size);
  const diagnostics = describeGradients(joinParts([work.representation.part()], present), weights);
  const norms = diagnostics.norms.map((norm, t) => norm / Math.abs(weights.weights[t] as number));
  return { state, weights, diagnostics: { ...diagnostics, norms }, apply: () => applySum(work) };
}

/** The heads' backward passes, the pool on what arrives at Φ, one pass of the combination through the trunk. */
export function representationLevel(work: StepWork, passed: Passed): Decision {
  const { tf, plan, pool } = work;
  const { present, heads, representation } = passed;
  const arrived = heads.backward(passed.errors);
  const bad = work.representation.load(arrived, present, representation.size);
  if (bad >= 0) {
    const task = plan.tasks.names[bad] as string;
    return { failure: { task, parameter: representationName, reason: "its gradient is not finite" } };
  }
  const gradients = joinParts([work.representation.part()], present);
  const { combined, state } = pool.pool(gradients, work.context(passed.losses), work.state);
  const cut = gradients.weightsOf(combined, representationName);
  const dPhi =
    cut === null
      ? tf.tensor(Float32Array.from(combined.value(representationName)), representation.shape, "float32")
      : arrived.sum(cut.weights);
  const failure = throughTrunk(work, passed, dPhi, 0, "all");
  if (failure !== undefined) return { failure };
  return {
    state,
    ...(combined.weights === undefined ? {} : { weights: combined.weights }),
    ...(work.input.diagnostics === true ? { diagnostics: describeGradients(gradients, combined.weights) } : {}),
    apply: () => applySum(work),
  };
}

/** One backward pass per task; the pool acts on the touched rows and the shared variables that `balance` names. */
export function parametersLevel(work: StepWork, passed: Passed): Decision {
  const { plan, pool, dense, tables } = work;
  const { present } = passed;
  const arrived = passed.heads.backward(passed.errors);
  for (const [t, task] of plan.tasks.names.entries()) {
    if (present[t] !== true) continue;
    let failure: Maybe;
    work.tf.tidy(() => {
      failure = throughTrunk(work, passed, arrived.one(t), t, task);
    });
    if (failure !== undefined) return { failure };
  }
  const inTables = tables.names.filter((name) => plan.balanced.has(name));
  const inDense = dense.shared.filter(({ name }) => plan.balanced.has(name));
  const gradients = joinParts([tables.part(inTables), densePart(dense, inDense, present)], present);
  const { combined, state } = pool.pool(gradients, work.context(passed.losses), work.state);
  return {
    state,
    ...(combined.weights === undefined ? {} : { weights: combined.weights }),
    ...(work.input.diagnostics === true ? { diagnostics: describeGradients(gradients, combined.weights) } : {}),
    apply() {
      const ones = new Float32Array(present.length).fill(1);
      for (const name of tables.names) {
        if (!plan.balanced.has(name)) tables.apply(name);
        else tables.apply(name, gradients.weightsOf(combined, name) ?? { values: combined.value(name) });
      }
      for (const parameter of dense.shared) {
        const { name } = parameter;
        const cut = plan.balanced.has(name) ? gradients.weightsOf(combined, name) : { weights: ones };
        if (cut === null) dense.applyValues(parameter, null, Float32Array.from(combined.value(name)));
        else dense.applyWeighted(parameter, present, Float32Array.from(cut.weights));
      }
    },
  };
}
