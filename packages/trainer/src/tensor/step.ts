import { GradpoolError } from "@gradpool/core";
import type { TensorBatch } from "@gradpool/models";
import type { SkippedStep, StepInput } from "../engine/contract.js";
import { withTape } from "../tape/tape.js";
import { headsForward, trunkForward } from "./forward.js";
import { batchedHeads } from "./heads/batched.js";
import type { HeadsWork } from "./heads/pass.js";
import { joinedHeads } from "./heads/joined.js";
import { tapedHeads } from "./heads/taped.js";
import { gatherSlots } from "./inputs.js";
import { lossesLevel, parametersLevel, representationLevel } from "./levels.js";
import { type Labels, lossOf } from "./losses.js";
import type { Decision, StepOutcome, StepWork } from "./work.js";

const levels = { losses: lossesLevel, representation: representationLevel, parameters: parametersLevel };

/** One step: gather, forward, backward as the level has it, pool, apply. A failure leaves weights and states as they were. */
export function runStep(work: StepWork): StepOutcome {
  const { tf, model, plan, tables, dense, batch, labels } = work;
  const names = plan.tasks.names;
  const present = labels.map((label) => label !== null);
  const losses = new Float64Array(names.length).fill(NaN);
  const result = { losses, samples: batch.size };
  if (!present.includes(true)) return { state: work.state, result };

  const perTask = (name: string): "tasks" | "sum" =>
    plan.level === "parameters" && plan.balanced.has(name) ? "tasks" : "sum";
  tables.begin(names.length, perTask);
  const slots = gatherSlots(model, batch, tables);
  const { variables, forward } = work;
  const inHeads: HeadsWork = { tf, dense, names, variables, size: batch.size, mask: forward.mask };
  let decision: Decision = {};
  const { uniformHeads } = model;
  withTape(
    tf,
    () => {
      const { inputs, representation } = trunkForward(tf, model, slots, batch, work.variables, work.forward);
      const outputs =
        uniformHeads === undefined
          ? headsForward(tf, model, representation, work.variables, work.forward, present)
          : [];
      return { inputs, representation, outputs };
    },
    ({ inputs, representation, outputs }, backward) => {
      const heads =
        uniformHeads === undefined
          ? tapedHeads(inHeads, representation, outputs, backward)
          : uniformHeads.hidden > 1
            ? batchedHeads(inHeads, uniformHeads, representation, present)
            : joinedHeads(inHeads, uniformHeads, representation, present);
      const errors = readLosses(work, heads.outputs(), present, losses);
      const bad = losses.findIndex((loss, t) => present[t] === true && !Number.isFinite(loss));
      decision =
        bad >= 0
          ? { failure: { task: names[bad] as string, parameter: null, reason: `the loss is ${losses[bad]}` } }
          : levels[plan.level](work, { slots, inputs, representation, heads, errors, present, losses, backward });
    },
  );
  const failure = decision.failure ?? badHead(work, present);
  if (failure !== undefined) return { state: work.state, result, failure };

  dense.begin(null);
  decision.apply?.();
  tables.end();
  names.forEach((task, t) => {
    if (present[t] !== true) return;
    dense.begin(task);
    for (const parameter of dense.head(task)) {
      dense.applyValues(parameter, task, dense.gradient(parameter, task, t));
    }
  });
  return {
    state: decision.state,
    result: { ...result, ...(decision.weights === undefined ? {} : { weights: decision.weights }) },
    ...(decision.diagnostics === undefined ? {} : { diagnostics: decision.diagnostics }),
  };
}

/** Losses and their derivatives, on the host. */
function readLosses(
  { batch, labels, model }: StepWork,
  outputs: Float32Array,
  present: readonly boolean[],
  losses: Float64Array,
): (Float32Array | null)[] {
  let at = 0;
  return model.tasks.map(({ objective }, t) => {
    if (present[t] !== true) return null;
    const error = new Float32Array(batch.size);
    losses[t] = lossOf(objective, outputs.subarray(at, at + batch.size), labels[t] as Labels, error);
    at += batch.size;
    return error;
  });
}

function badHead({ plan, dense }: StepWork, present: readonly boolean[]): SkippedStep | undefined {
  for (const [t, task] of plan.tasks.names.entries()) {
    if (present[t] !== true || dense.head(task).length === 0 || Number.isFinite(dense.squaredNorm(task, t))) continue;
    const parameter = dense.head(task).find((p) => dense.gradient(p, task, t).some((x) => !Number.isFinite(x)));
    return { task, parameter: parameter?.name ?? null, reason: "its gradient is not finite" };
  }
  return undefined;
}

/** The error that the policy `stop` throws. */
export function nonFinite(failure: SkippedStep, input: StepInput, batch: TensorBatch): GradpoolError {
  const { task, parameter, reason } = failure;
  const place = parameter === null ? "" : `, parameter ${parameter}`;
  return new GradpoolError({
    code: "non-finite",
    what: reason,
    where: `step ${input.step}, epoch ${input.epoch}, task ${task}${place}, ${batch.kind} batch of ${batch.size}`,
    remedy:
      "lower the learning rate, look for extreme inputs in that batch, or let such steps pass with onNonFinite: skip",
  });
}
