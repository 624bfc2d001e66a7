import type { LeftOut, Sampler, SamplerState } from "@gradpool/data";
import { GradpoolError, type JsonObject, type JsonValue } from "@gradpool/core";
import type { StepBatches } from "../engine/contract.js";
import type { Feed, FeedMore } from "./feed-contract.js";

/** One per task; null: the task is trained by no data. */
export type Samplers = readonly (Sampler | null)[];

interface FeedParts {
  /** What errors call it, and what it holds. */
  readonly name: string;
  readonly own: string;
  /** Under which the first samplers' positions are stored: `sampler` where there is but one. */
  readonly key: "samplers" | "sampler";
  readonly stepsPerEpoch: number;
  readonly first: Samplers;
  readonly more: FeedMore<Samplers>;
  next(samplers: Samplers): StepBatches;
  cut(batches: StepBatches, parts: number): readonly StepBatches[];
  /** What a step is validated by. */
  held(sampler: Sampler): StepBatches;
}

/** A feed of samplers: the first batch's, those of the further ones, the one of held-out examples. */
export function feedOf({ name, own, key, stepsPerEpoch, first, more, next, cut, held }: FeedParts): Feed {
  const { further = [], validation } = more;
  const parts = "split" in further ? further.split : 1;
  const drawn = "split" in further ? [] : further;
  const batches = Math.min(3, Math.max(parts, 1 + drawn.length)) as 1 | 2 | 3;
  const positions = (samplers: Samplers): JsonValue =>
    samplers.map((one) => (one === null ? null : asJson(one.state())));

  const all: Samplers = [...first, ...drawn.flat(), ...(validation === undefined ? [] : [validation])];
  return {
    stepsPerEpoch,
    ...(all.some((one) => one?.ready) && { ready: () => allReady(all) }),
    close: () => all.forEach((one) => one?.close?.()),
    ...(batches > 1 || validation !== undefined ? { offers: { batches, validation: validation !== undefined } } : {}),
    ...leftOutOf(first),
    next(wanted) {
      const [one, ...others] = parts > 1 ? cut(next(first), parts) : [next(first), ...drawn.map(next)];
      return {
        ...one,
        ...(others.length > 0 && { further: others }),
        ...(wanted?.validation === true && validation !== undefined && { validation: held(validation) }),
      };
    },
    state: () => ({
      [key]: key === "sampler" ? ((positions(first) as JsonValue[])[0] as JsonValue) : positions(first),
      ...(drawn.length > 0 && { further: drawn.map(positions) }),
      ...(validation !== undefined && { validation: asJson(validation.state()) }),
    }),
    restore(state) {
      const stored = state[key] === undefined ? [] : key === "sampler" ? [state[key]] : state[key];
      const lists: readonly [Samplers, unknown][] = [
        [first, stored],
        ...drawn.map((samplers, k): [Samplers, unknown] => [
          samplers,
          (state["further"] as JsonValue[] | undefined)?.[k],
        ]),
        [validation === undefined ? [] : [validation], [state["validation"]].filter((one) => one !== undefined)],
      ];
      const asked = (state["further"] as JsonValue[] | undefined)?.length ?? 0;
      if (asked !== drawn.length || !lists.every(([samplers, states]) => fits(samplers, states)))
        throw otherFeed(name, own, state);
      for (const [samplers, states] of lists)
        samplers.forEach((sampler, t) => sampler?.restore((states as SamplerState[])[t] as SamplerState));
    },
  };
}

function allReady(samplers: Samplers): Promise<void> | undefined {
  const waits = samplers.flatMap((sampler) => sampler?.ready?.() ?? []);
  return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
}

/** Is there a position for each sampler, and for nothing else? */
function fits(samplers: Samplers, states: unknown): boolean {
  if (!Array.isArray(states) || states.length !== samplers.length) return false;
  return (states as readonly unknown[]).every((one, t) => (one === null) === (samplers[t] === null));
}

const asJson = (state: SamplerState): JsonValue => ({ ...state });

/** What the samplers of a feed leave out, if they do. */
function leftOutOf(samplers: Samplers): Pick<Feed, "leftOut"> {
  const leftOut: readonly LeftOut[] = samplers.flatMap((sampler) => sampler?.leftOut ?? []);
  return leftOut.length === 0 ? {} : { leftOut };
}

export function otherFeed(where: string, own: string, state: JsonObject): GradpoolError {
  return new GradpoolError({
    code: "invalid-input",
    what: `the stored position is of another feed: ${JSON.stringify(state)}`,
    where,
    remedy: `resume with the samplers of the run that stored it; this one has ${own}`,
  });
}
