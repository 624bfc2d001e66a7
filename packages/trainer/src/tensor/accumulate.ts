import { given } from "@gradpool/core";
import type { GateUse, SkippedStep } from "../engine/contract.js";
import { describeGradients } from "../engine/diagnostics.js";
import type { StepOutcome } from "../engine/step.js";
import { addLoss } from "../embedding/differentiate.js";
import { joinParts } from "../gradients/join.js";
import { joinEnds } from "../tape/join.js";
import { withTape } from "../tape/tape.js";
import { type CutRows, cutRows } from "./cut-rows.js";
import { densePart } from "./dense/part.js";
import { trunkForward } from "./forward.js";
import { gatherInputs } from "./inputs.js";
import {
  aboveCut,
  backByTerm,
  backWeighted,
  inShapes,
  poolParameters,
  pooledAbove,
  unweighted,
  weightedUpdates,
  weighLosses,
} from "./levels.js";
import { applyAll, badHead, beginTables, passOf } from "./run.js";
import { throughTrunk } from "./through-trunk.js";
import type { Decision, Passed, StepWork } from "./work.js";

/**
 * A step of several batches, of which the device holds one at a time. Gradients are added up where a step of one batch has its own:
 * those of rows in the tables' accumulators, those of variables beside them.
 * - `parameters`: each batch's passes, one per task; then the pool.
 * - `losses`: all losses, the pool, and each batch once more, forward and back.
 * - `representation`: what arrives at the cut is kept on the host, batch after batch; the pool sees all rows; then each batch once
 *   more through the trunk. What is dropped in a pass that is repeated is the same.
 */
export function runAccumulated(count: number, workOf: (k: number) => StepWork): StepOutcome {
  const run = accumulation(count, workOf);
  const { whole } = run;
  const { losses, present } = whole;
  const samples = run.samples;
  if (!present.includes(true)) return { losses, samples };
  beginTables(whole);
  whole.dense.batches.clear();
  const decision = levels[whole.placement.level](run);
  const failure = decision.failure ?? badHead(whole);
  if (failure !== undefined) return { losses, samples, failure };
  const { figures } = decision;
  return { losses, samples, ...run.more(), ...given({ figures }), apply: () => applyAll(whole, decision) };
}

/** The batches of a step, and what they come to together. */
interface Accumulation {
  /** The step: who is present in any batch, its losses, and what its batches saw. */
  readonly whole: StepWork;
  readonly samples: number;
  /** Batch by batch, with what it writes added up; ends with the first failure. `first`: its losses and figures are the step's. */
  each(first: boolean, use: (work: StepWork) => Seen): SkippedStep | undefined;
  more(): Pick<StepOutcome, "gates" | "regularizer">;
}

type Seen = Pick<StepOutcome, "gates" | "regularizer" | "failure">;

function accumulation(count: number, workOf: (k: number) => StepWork): Accumulation {
  const all = Array.from({ length: count }, (_, k) => workOf(k));
  const [first] = all as [StepWork];
  const present = first.present.map((_, t) => all.some((work) => work.present[t] === true));
  const books: StepWork["observed"][] = [];
  const observed = { ...first.observed, apply: () => books.forEach((book) => book.apply()) };
  const whole = { ...first, present, observed, losses: first.losses.slice() };
  const seen: { readonly share: number; readonly more: Seen }[] = [];
  return {
    whole,
    samples: all.reduce((sum, { batch }) => sum + batch.size, 0),
    each(counts, use) {
      for (const k of all.keys()) {
        const work = workOf(k);
        if (!work.present.includes(true)) continue;
        work.tables.recycle();
        const { failure, ...more } = use(work);
        if (failure !== undefined) return failure;
        work.dense.batches.keep();
        if (!counts) continue;
        work.losses.forEach((loss, t) => work.present[t] === true && addLoss(whole.losses, t, loss));
        books.push(work.observed);
        seen.push({ share: work.shares[present.length] as number, more });
      }
      return undefined;
    },
    more: () => ({
      ...given({ gates: meanGates(seen.map(({ share, more }) => ({ share, gates: more.gates ?? [] }))) }),
      ...(whole.model.regularizer !== undefined && {
        regularizer: seen.reduce((sum, { more }) => sum + (more.regularizer ?? 0), 0),
      }),
    }),
  };
}

const levels = { losses: atLosses, representation: atRepresentation, parameters: atParameters };

const forward = (back: (work: StepWork, passed: Passed) => SkippedStep | undefined) => (work: StepWork) =>
  passOf(work, (passed) => back(work, passed));

function atParameters({ whole, each }: Accumulation): Decision {
  const failure = each(true, forward(backByTerm));
  if (failure !== undefined) return { failure };
  whole.dense.batches.settle();
  return poolParameters(whole);
}

function atLosses({ whole, each }: Accumulation): Decision {
  const { asking, dense, present } = whole;
  const bad = each(
    true,
    forward(() => undefined),
  );
  if (bad !== undefined) return { failure: bad };
  const weights = weighLosses(whole);
  const rows = asking.diagnose ? cutRows(whole) : undefined;
  const failure = each(
    false,
    forward((work, passed) => {
      const look = rows && ((arrived: Parameters<CutRows["take"]>[1]) => void rows.take(work, arrived, passed.cut));
      return backWeighted(work, passed, weights, look);
    }),
  );
  if (failure !== undefined) return { failure };
  dense.batches.settle();
  const updates = weightedUpdates(whole);
  if (rows === undefined) return { updates };
  const figures = describeGradients(joinParts([rows.part()], present), weights);
  return { figures: unweighted(figures, weights), updates };
}

function atRepresentation({ whole, each }: Accumulation): Decision {
  const { asking, dense, present, losses } = whole;
  const rows = cutRows(whole);
  const bad = each(
    true,
    forward((work, passed) => {
      const arrived = passed.heads.backward(passed.errors);
      return arrived.failure ?? rows.take(work, arrived, passed.cut);
    }),
  );
  if (bad !== undefined) return { failure: bad };
  dense.batches.settle();
  const above = aboveCut(whole);
  const parts = [rows.part(), ...(above.length > 0 ? [densePart(dense, above, present)] : [])];
  const gradients = joinParts(parts, present);
  const combined = asking.pool(gradients, losses);
  const pooled = rows.pooled(gradients, combined);
  // What the heads have left stays; the trunk's is added to it.
  dense.batches.keep();
  const failure = each(false, (work) => ({ ...given({ failure: backThroughTrunk(work, pooled) }) }));
  if (failure !== undefined) return { failure };
  dense.batches.settle();
  return { updates: pooledAbove(whole, gradients, combined) };
}

/** The trunk alone once more, forward and back from the next rows of what was made of the cut. */
function backThroughTrunk(work: StepWork, pooled: (count: number) => Float32Array): SkippedStep | undefined {
  const { tf, model, batch, tables } = work;
  const gathered = gatherInputs(model, batch, tables);
  let failure: SkippedStep | undefined;
  withTape(
    tf,
    () => {
      const { inputs, cut: named } = trunkForward(work, gathered, batch, work.forward);
      const cut = Object.values(named);
      return { inputs, cut, end: joinEnds(tf, cut) };
    },
    ({ inputs: all, cut, end }, backward) => {
      const trunk = gathered.filter(({ owner }) => owner === null);
      const inputs = all.filter((_, k) => gathered[k]?.owner === null);
      const dCut = inShapes(tf, pooled(cut.reduce((sum, { size }) => sum + size, 0)), cut);
      const through: Passed["through"] = (d, xs) => end.backward(backward, d, xs);
      failure = throughTrunk(work, { gathered: trunk, inputs, through }, dCut, "all", "all");
    },
  );
  return failure;
}

/** Means over all rows, from those over the batches' own. Undefined: nobody listens, or there are no gates. */
function meanGates(
  all: readonly { readonly share: number; readonly gates: readonly GateUse[] }[],
): readonly GateUse[] | undefined {
  const [first] = all;
  if (first === undefined || first.gates.length === 0) return undefined;
  return first.gates.map((gate, g) => ({
    ...gate,
    weights: gate.weights.map((_, e) =>
      all.reduce((sum, { share, gates }) => sum + share * (gates[g]?.weights[e] as number), 0),
    ),
  }));
}
