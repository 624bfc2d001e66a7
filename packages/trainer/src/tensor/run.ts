import type { UniformHeads } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import type { SkippedStep } from "../engine/contract.js";
import type { StepOutcome } from "../engine/step.js";
import { type Backward, withTape } from "../tape/tape.js";
import { headsForward, trunkForward } from "./forward.js";
import { batchedHeads } from "./heads/batched.js";
import { joinedHeads } from "./heads/joined.js";
import type { HeadsPass, HeadsWork } from "./heads/pass.js";
import { tapedHeads } from "./heads/taped.js";
import { gatherInputs } from "./inputs.js";
import { lossesLevel, parametersLevel, representationLevel } from "./levels.js";
import { type Labels, lossOf } from "./losses.js";
import type { Decision, StepWork } from "./work.js";

const levels = { losses: lossesLevel, representation: representationLevel, parameters: parametersLevel };

/** One step: gather, forward, backward as the level has it, pool. */
export function runStep(work: StepWork): StepOutcome {
  const { tf, model, placement, tables, batch, present, losses } = work;
  const { level, balanced } = placement;
  const samples = batch.size;
  if (!present.includes(true)) return { losses, samples };
  tables.begin(present.length, (name) => (level === "parameters" && balanced.has(name) ? "tasks" : "sum"));
  const gathered = gatherInputs(model, batch, tables);
  let decision: Decision = {};
  withTape(
    tf,
    () => {
      const { inputs, representation } = trunkForward(work, gathered, batch, work.forward);
      const outputs = model.uniformHeads === undefined ? headsForward(work, representation, work.forward, present) : [];
      return { inputs, representation, outputs };
    },
    ({ inputs, representation, outputs }, backward) => {
      const heads = headsPass(work, representation, model.uniformHeads ?? { outputs, backward });
      const errors = readLosses(work, heads.outputs());
      const failure = badLoss(work);
      decision =
        failure === undefined
          ? levels[level](work, { gathered, inputs, representation, heads, errors, backward })
          : { failure };
    },
  );
  const failure = decision.failure ?? badHead(work);
  if (failure !== undefined) return { losses, samples, failure };
  return { losses, samples, ...decision, apply: () => applyAll(work, decision) };
}

interface Taped {
  readonly outputs: readonly (tfjs.Tensor | null)[];
  readonly backward: Backward;
}

/** The heads' pass in the way that their likeness allows. */
function headsPass(work: StepWork, representation: tfjs.Tensor2D, heads: UniformHeads | Taped): HeadsPass {
  const { tf, dense, variables, placement, batch, present } = work;
  const { mask } = work.forward;
  const inHeads: HeadsWork = { tf, dense, variables, names: placement.tasks.names, size: batch.size, mask };
  if ("outputs" in heads) return tapedHeads(inHeads, representation, heads.outputs, heads.backward);
  return (heads.hidden > 1 ? batchedHeads : joinedHeads)(inHeads, heads, representation, present);
}

function applyAll({ dense, tables, placement, present }: StepWork, decision: Decision): void {
  dense.begin(null);
  decision.apply?.();
  tables.end();
  placement.tasks.names.forEach((task, t) => {
    if (present[t] !== true) return;
    dense.begin(task);
    for (const parameter of dense.head(task)) {
      dense.applyValues(parameter, task, dense.gradient(parameter, task, t));
    }
  });
}

function badLoss({ placement, present, losses }: StepWork): SkippedStep | undefined {
  const bad = losses.findIndex((loss, t) => present[t] === true && !Number.isFinite(loss));
  if (bad < 0) return undefined;
  return { task: placement.tasks.names[bad] as string, parameter: null, reason: `the loss is ${losses[bad]}` };
}

/** Losses and their derivatives, on the host. */
function readLosses(
  { batch, labels, model, present, losses }: StepWork,
  outputs: Float32Array,
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

function badHead({ placement, dense, present }: StepWork): SkippedStep | undefined {
  for (const [t, task] of placement.tasks.names.entries()) {
    if (present[t] !== true || dense.head(task).length === 0 || Number.isFinite(dense.squaredNorm(task, t))) continue;
    const parameter = dense.head(task).find((p) => dense.gradient(p, task, t).some((x) => !Number.isFinite(x)));
    return { task, parameter: parameter?.name ?? null, reason: "its gradient is not finite" };
  }
  return undefined;
}
