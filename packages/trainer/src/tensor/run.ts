import { given } from "@gradpool/core";
import type { Tensor } from "@gradpool/models";
import type * as tfjs from "@tensorflow/tfjs-core";
import type { SkippedStep } from "../engine/contract.js";
import { applyWithin, type Update } from "../engine/limit.js";
import type { StepOutcome } from "../engine/step.js";
import { joinEnds } from "../tape/join.js";
import { type Backward, withTape } from "../tape/tape.js";
import { type Forward, trunkForward } from "./forward.js";
import { batchedHeads } from "./heads/batched.js";
import { joinedHeads } from "./heads/joined.js";
import type { HeadsPass, HeadsWork } from "./heads/pass.js";
import { recordHeads, type RecordedHeads } from "./recorded-heads.js";
import { tapedHeads } from "./taped-heads.js";
import { gatherInputs } from "./inputs.js";
import { lossesLevel, parametersLevel, representationLevel } from "./levels.js";
import { readLosses } from "./objective.js";
import type { Decision, Passed, StepWork, TensorParts } from "./work.js";

const levels = { losses: lossesLevel, representation: representationLevel, parameters: parametersLevel };

/** One step: gather, forward, backward as the level has it, pool. */
export function runStep(work: StepWork): StepOutcome {
  const { placement, batch, present, losses } = work;
  const samples = batch.size;
  if (!present.includes(true)) return { losses, samples };
  beginTables(work);
  let decision: Decision = {};
  const { failure: failed, ...more } = passOf(work, (passed) => {
    decision = levels[placement.level](work, passed);
    return decision.failure;
  });
  const failure = failed ?? badHead(work);
  if (failure !== undefined) return { losses, samples, failure };
  const { figures } = decision;
  return { losses, samples, ...more, ...given({ figures }), apply: () => applyAll(work, decision) };
}

/** Room for the gradients of the tables' rows, as the level has them. */
export function beginTables({ model, placement, draws, tables }: TensorParts): void {
  const { level, balanced } = placement;
  const unpooled = model.regularizer === undefined ? 0 : 1;
  const apart = (name: string): boolean => level === "parameters" && balanced.has(name);
  tables.begin(draws.places, (name) => (apart(name) ? "tasks" : "sum"), unpooled);
}

/** The forward pass of a batch and, unless a loss is not finite, `back`, which answers with what went wrong. */
export function passOf(
  work: StepWork,
  back: (passed: Passed) => SkippedStep | undefined,
): Pick<StepOutcome, "gates" | "regularizer" | "failure"> {
  const { tf, model, tables, batch, asking } = work;
  const gathered = gatherInputs(model, batch, tables);
  let failure: SkippedStep | undefined;
  let more: Pick<StepOutcome, "gates" | "regularizer"> = {};
  withTape(
    tf,
    () => {
      const forward = trunkForward(work, gathered, batch, work.forward);
      const cut = Object.values(forward.cut);
      const recorded = model.uniformHeads === undefined ? recordHeads(work, forward, gathered) : null;
      return { forward, cut, end: joinEnds(tf, cut), recorded };
    },
    ({ forward, cut, end, recorded }, backward) => {
      const heads = headsPass(work, forward, recorded, backward);
      work.observed.read();
      const { errors, regularizer } = readLosses(work, heads.outputs());
      more = given({ regularizer, gates: asking.diagnose ? gatesOf(work) : undefined });
      const trunk = gathered.filter(({ owner }) => owner === null);
      const inputs = forward.inputs.filter((_, k) => gathered[k]?.owner === null);
      const through = (dCut: readonly Tensor[], xs: readonly Tensor[]) => end.backward(backward, dCut, xs);
      failure = badLoss(work) ?? back({ gathered: trunk, inputs, cut, heads, errors, through });
    },
  );
  return { ...more, ...given({ failure }) };
}

function gatesOf({ gates }: StepWork): StepOutcome["gates"] {
  const all = gates.read();
  return all.length === 0 ? undefined : all;
}

/** The heads' pass in the way that their likeness allows. */
function headsPass(work: StepWork, forward: Forward, recorded: RecordedHeads | null, backward: Backward): HeadsPass {
  const { tf, dense, placement, batch, present, model } = work;
  if (recorded !== null || model.uniformHeads === undefined) {
    return tapedHeads(work, recorded as RecordedHeads, backward);
  }
  const { mask } = work.forward;
  const inHeads: HeadsWork = { tf, dense, names: placement.tasks.names, size: batch.size, mask };
  const [representation] = Object.values(forward.cut) as [tfjs.Tensor2D];
  return (model.uniformHeads.hidden > 1 ? batchedHeads : joinedHeads)(
    inHeads,
    model.uniformHeads,
    representation,
    present,
  );
}

/** One optimiser step of everything, group by group: each owner's has a counter of its own. */
export function applyAll({ model, dense, tables, placement, present, observed }: StepWork, decision: Decision): number {
  const own = model.tables.flatMap(({ name, owner = null }) =>
    owner !== null && present[placement.tasks.names.indexOf(owner)] === true ? [tables.update(name)] : [],
  );
  const heads = placement.tasks.names.flatMap((task, t): Update[] => {
    if (present[t] !== true) return [];
    const updates = dense.own(task).map((parameter) => dense.valued(parameter, () => dense.gradient(parameter, t)));
    return [{ squaredNorm: () => 0, apply: () => dense.begin(task) }, ...updates];
  });
  observed.apply();
  dense.begin(null);
  const norm = applyWithin(placement.clip, [...(decision.updates ?? []), ...own, ...heads]);
  tables.end();
  return norm;
}

function badLoss({ placement, present, losses }: StepWork): SkippedStep | undefined {
  const bad = losses.findIndex((loss, t) => present[t] === true && !Number.isFinite(loss));
  if (bad < 0) return undefined;
  return { task: placement.tasks.names[bad] as string, parameter: null, reason: `the loss is ${losses[bad]}` };
}

export function badHead({ placement, dense, present }: StepWork): SkippedStep | undefined {
  for (const [t, task] of placement.tasks.names.entries()) {
    if (present[t] !== true || dense.own(task).length === 0 || Number.isFinite(dense.squaredNorm(task, t))) continue;
    const parameter = dense.own(task).find((p) => dense.gradient(p, t).some((x) => !Number.isFinite(x)));
    return { task, parameter: parameter?.name ?? null, reason: "its gradient is not finite" };
  }
  return undefined;
}
