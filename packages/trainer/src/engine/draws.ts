import { type GradientPool, GradpoolError, type Level } from "@gradpool/core";
import type { StepBatches, StepInput, StepNeeds } from "./contract.js";

/** What a step's gradients are taken of: one batch or more, and in some steps held-out examples. Decided when an engine is made. */
export interface Draws {
  /** T. */
  readonly tasks: number;
  /** B, independent of each other. */
  readonly batches: 1 | 2 | 3;
  /** Whether some steps have held-out examples, of which the target's gradient is taken. */
  readonly validation: boolean;
  /**
   * Gradients that a parameter may have in one step, each at its *place*: those of the first batch's tasks, the second's, the third's,
   * then the target's of held-out examples. B · T, or one more.
   */
  readonly places: number;
}

/**
 * What a pool asks of each step. Error `unsupported`: it wants more than one batch, or held-out examples, at a level where these have no
 * parameters in common.
 */
export function drawsOf(pool: GradientPool, tasks: number, level: Level, kind: string): Draws {
  const { batches = 1 } = pool;
  const validation = pool.wantsValidation !== undefined;
  const places = batches * tasks + (validation ? 1 : 0);
  if (places > tasks && !comparable(level, kind)) throw apartFrom(pool, batches, level);
  return { tasks, batches, validation, places };
}

/** Do gradients of several batches have the same coordinates there? What a trunk makes of other rows is another representation. */
const comparable = (level: Level, kind: string): boolean =>
  level === "parameters" || (level === "representation" && kind === "graph");

function apartFrom({ name }: GradientPool, batches: number, level: Level): GradpoolError {
  const wanted = batches > 1 ? `${batches} independent batches` : "gradients on held-out examples";
  return new GradpoolError({
    code: "unsupported",
    what:
      level === "losses"
        ? `${name} needs ${wanted}, and at the level losses a pool is shown no gradients`
        : `${name} needs ${wanted}, and other examples have another representation: their gradients have no coordinates in common`,
    where: `pool ${name}, level ${level}`,
    remedy: 'give level: "parameters"',
  });
}

/** The share of a place in what no pool sees (heads, unbalanced parameters): the batches' mean; nothing of held-out examples. */
export const shareOf = ({ batches, tasks }: Draws, place: number): number =>
  place >= batches * tasks ? 0 : batches === 1 ? 1 : 1 / batches;

/** What each place counts for there. */
export const sharesOf = (draws: Draws): Float64Array =>
  Float64Array.from({ length: draws.places }, (_, place) => shareOf(draws, place));

/** The task whose gradient stands at a place. */
export const taskAt = ({ batches, tasks }: Draws, place: number, target: number): number =>
  place === batches * tasks ? target : place % tasks;

/** The batches of a step, the first one included. */
export const batchesIn = ({ batches }: Draws, input: StepInput): readonly StepBatches[] => [
  input,
  ...(input.further ?? []).slice(0, batches - 1),
];

/** Error `invalid-input` for a step that lacks what the pool needs, or that is given the same examples twice. */
export function requireDraws(input: StepInput, draws: Draws, needs: StepNeeds): void {
  const { step, further = [] } = input;
  const { pool } = needs;
  if (input.more !== undefined && draws.places > draws.tasks)
    throw lacking("accumulated batches", pool, step, "give one batch, with the further ones beside it: no `more`");
  if (further.length < draws.batches - 1) {
    const found = `${1 + further.length} of ${draws.batches} batches`;
    throw lacking(found, pool, step, "give the independent ones beside the first: further: [{ batches }, …]");
  }
  if (needs.validation?.(step) === true && input.validation === undefined) {
    throw lacking(
      "no held-out examples",
      pool,
      step,
      "give validation: { batches } in steps for which engine.needs.validation(step)",
    );
  }
  if (draws.batches === 1) return;
  const firsts = batchesIn(draws, input).map(firstArrays);
  for (let k = 1; k < firsts.length; k++) {
    const again = (firsts[k] as readonly View[]).find((view) =>
      firsts.slice(0, k).some((list) => list.some((one) => same(one, view))),
    );
    if (again === undefined) continue;
    throw lacking(
      "the same examples twice",
      pool,
      step,
      "draw each batch from a sampler of its own, or split one into disjoint parts",
    );
  }
}

type View = Int32Array;

/** By which a batch is known: two batches of one sampler's arrays are one batch. */
function firstArrays({ batches = [], joint }: StepBatches): readonly View[] {
  return [...batches, joint ?? null].flatMap((batch) => {
    if (batch === null || batch.size === 0) return [];
    return "left" in batch ? [batch.left] : [batch.users];
  });
}

const same = (a: View, b: View): boolean => a.buffer === b.buffer && a.byteOffset === b.byteOffset;

const lacking = (what: string, pool: string, step: number, remedy: string): GradpoolError =>
  new GradpoolError({ code: "invalid-input", what, where: `step ${step}, pool ${pool}`, remedy });
