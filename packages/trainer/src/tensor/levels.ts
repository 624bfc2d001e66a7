import type { Combined, GroupWeights, TaskGradients } from "@gradpool/core";
import type { Tensor } from "@gradpool/models";
import { joinParts } from "../gradients/join.js";
import { densePart } from "./dense-part.js";
import type { DenseParameter } from "./dense-store.js";
import { diagnose } from "./diagnose.js";
import { representationName, weightedSum } from "./representation.js";
import { scatterSlot } from "./slots.js";
import type { Decision, Failure, Passed, StepWork } from "./step.js";

type Maybe = Failure | undefined;

const read = (tensor: Tensor): Float32Array => tensor.dataSync() as Float32Array;

/** The variables' tensors, in the order of the parameters. */
const tensorsOf = (parameters: readonly DenseParameter[], from: Readonly<Record<string, Tensor>>): Tensor[] =>
  parameters.map(({ name }) => from[name] as Tensor);

/** d L_t / d output_t as a tensor, scaled. */
function upstream({ tf, batch }: StepWork, { errors }: Passed, task: number, scale = 1): Tensor {
  const error = errors[task] as Float32Array;
  return tf.tensor2d(scale === 1 ? error : error.map((x) => scale * x), [batch.size, 1], "float32");
}

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

function writeHead({ dense }: StepWork, task: string, t: number, tensors: readonly Tensor[]): void {
  dense.head(task).forEach((parameter, k) => dense.gradient(parameter, task, t).set(read(tensors[k] as Tensor)));
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

/** Weights first, then one backward pass of Σ wᵢ Lᵢ. */
export function lossesLevel(work: StepWork, passed: Passed): Decision {
  const { tf, plan, pool, dense, variables } = work;
  const { present, backward, inputs } = passed;
  const { combined, state } = pool.pool(unread(present), work.context(passed.losses), work.state);
  const { weights } = combined as { weights: GroupWeights };
  const here = present.flatMap((p, t) => (p ? [t] : []));
  const names = here.map((t) => plan.tasks.names[t] as string);
  const dys = here.map((t) => upstream(work, passed, t, weights.weights[t]));
  const heads = names.map((task) => tensorsOf(dense.head(task), variables.head(task)));
  const xs = [...inputs, ...tensorsOf(dense.shared, variables.shared), ...heads.flat()];
  const gradients = backward(passed.joined, xs, dys.length === 1 ? dys[0] : tf.concat(dys));
  const failure = writeShared(work, passed, gradients, 0, names.join("+"));
  if (failure !== undefined) return { failure };
  let at = inputs.length + dense.shared.length;
  here.forEach((t, k) => {
    const count = (heads[k] as Tensor[]).length;
    writeHead(work, names[k] as string, t, gradients.slice(at, at + count));
    at += count;
  });
  const diagnostics = work.input.diagnostics === true ? { diagnostics: unpooled(work, passed, combined) } : {};
  return { state, weights, ...diagnostics, apply: () => applySum(work) };
}

/** Diagnostics of a step whose pool looks at no gradient: those of the representation, which cost the heads' passes only. */
function unpooled(work: StepWork, passed: Passed, combined: Combined): NonNullable<Decision["diagnostics"]> {
  const gradients = passed.outputs.map((output, t) =>
    output === null ? null : (passed.backward(output, [passed.representation], upstream(work, passed, t))[0] as Tensor),
  );
  work.representation.load(gradients);
  return diagnose(joinParts([work.representation.part()], passed.present), combined);
}

/** The heads' backward passes, the pool on what arrives at Φ, one pass of the combination through the trunk. */
export function representationLevel(work: StepWork, passed: Passed): Decision {
  const { tf, plan, pool, dense, variables } = work;
  const { present, outputs, backward, inputs, representation } = passed;
  const arriving = outputs.map((output, t): Tensor | null => {
    if (output === null) return null;
    const task = plan.tasks.names[t] as string;
    const xs = [representation, ...tensorsOf(dense.head(task), variables.head(task))];
    const [first, ...head] = backward(output, xs, upstream(work, passed, t));
    writeHead(work, task, t, head);
    return first as Tensor;
  });
  const bad = work.representation.load(arriving);
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
      : weightedSum(tf, arriving, cut.weights, representation);
  const xs = [...inputs, ...tensorsOf(dense.shared, variables.shared)];
  const failure = writeShared(work, passed, backward(representation, xs, dPhi), 0, "all");
  if (failure !== undefined) return { failure };
  return {
    state,
    ...(combined.weights === undefined ? {} : { weights: combined.weights }),
    ...(work.input.diagnostics === true ? { diagnostics: diagnose(gradients, combined) } : {}),
    apply: () => applySum(work),
  };
}

/** One backward pass per task; the pool acts on the touched rows and the shared variables that `balance` names. */
export function parametersLevel(work: StepWork, passed: Passed): Decision {
  const { plan, pool, dense, tables, variables } = work;
  const { present, outputs, backward, inputs } = passed;
  for (const [t, output] of outputs.entries()) {
    if (output === null) continue;
    const task = plan.tasks.names[t] as string;
    const shared = [...inputs, ...tensorsOf(dense.shared, variables.shared)];
    const xs = [...shared, ...tensorsOf(dense.head(task), variables.head(task))];
    const gradients = backward(output, xs, upstream(work, passed, t));
    const failure = writeShared(work, passed, gradients, t, task);
    for (const tensor of gradients.slice(0, shared.length)) tensor.dispose();
    if (failure !== undefined) return { failure };
    writeHead(work, task, t, gradients.slice(shared.length));
  }
  const inTables = tables.names.filter((name) => plan.balanced.has(name));
  const inDense = dense.shared.filter(({ name }) => plan.balanced.has(name));
  const gradients = joinParts([tables.part(inTables), densePart(dense, inDense, present)], present);
  const { combined, state } = pool.pool(gradients, work.context(passed.losses), work.state);
  return {
    state,
    ...(combined.weights === undefined ? {} : { weights: combined.weights }),
    ...(work.input.diagnostics === true ? { diagnostics: diagnose(gradients, combined) } : {}),
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
