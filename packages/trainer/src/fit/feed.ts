import type { Batch, ImpressionsBatch, JointBatch, LeftOut, Sampler, SamplerState } from "@gradpool/data";
import { given, GradpoolError, type JsonObject, type JsonValue } from "@gradpool/core";
import type { StepBatches, StepInput } from "../engine/contract.js";

/** An endless, resumable stream of what steps read. */
export interface Feed {
  readonly stepsPerEpoch: number;
  next(): StepBatches & Pick<StepInput, "more">;
  /** Plain data: where the stream is. */
  state(): JsonObject;
  restore(state: JsonObject): void;
  /** Positives that no step sees, stream by stream: see {@link Sampler.leftOut}. Absent: none. */
  readonly leftOut?: readonly LeftOut[];
}

/** What the samplers of a feed leave out, if they do. */
function leftOutOf(samplers: readonly (Sampler | null)[]): Pick<Feed, "leftOut"> {
  const leftOut = samplers.flatMap((sampler) => sampler?.leftOut ?? []);
  return leftOut.length === 0 ? {} : { leftOut };
}

const asJson = (state: SamplerState): JsonValue => ({ ...state });

/**
 * One batch per task and step. An epoch is one pass over the positives of task `leader` (the target); the other tasks'
 * streams go on beside it, over as many of their own epochs as that takes. `null`: the task is trained by no data.
 */
export function perTaskFeed(samplers: readonly (Sampler | null)[], leader = 0): Feed {
  const leading = samplers[leader];
  if (leading === undefined || leading === null) {
    throw new GradpoolError({
      code: "invalid-input",
      what: "the leading task has no sampler",
      where: `perTaskFeed, task ${leader}`,
      remedy: "give the target task a sampler: its positives define an epoch",
    });
  }
  return {
    stepsPerEpoch: leading.batchesPerEpoch,
    ...leftOutOf(samplers),
    next: () => ({ batches: samplers.map((sampler): Batch | null => sampler?.next() ?? null) }),
    state: () => ({ samplers: samplers.map((sampler) => (sampler === null ? null : asJson(sampler.state()))) }),
    restore(state) {
      const states = state["samplers"] as unknown as readonly (SamplerState | null)[] | undefined;
      const same =
        states?.length === samplers.length && states.every((one, t) => (one === null) === (samplers[t] === null));
      if (!same) throw otherFeed("perTaskFeed", `one sampler or null for each of ${samplers.length} tasks`, state);
      samplers.forEach((sampler, t) => sampler?.restore(states[t] as SamplerState));
    },
  };
}

/** One batch for all tasks, for tensor models. An epoch is one pass over the sampler's rows. */
export function jointFeed(sampler: Sampler<JointBatch> | Sampler<ImpressionsBatch>): Feed {
  return {
    stepsPerEpoch: sampler.batchesPerEpoch,
    ...leftOutOf([sampler]),
    next: () => ({ joint: sampler.next() }),
    state: () => ({ sampler: asJson(sampler.state()) }),
    restore(state) {
      if (state["sampler"] === undefined) throw otherFeed("jointFeed", "one sampler", state);
      sampler.restore(state["sampler"] as unknown as SamplerState);
    },
  };
}

/**
 * A feed whose steps have `count` batches of another each: accumulation, see {@link StepInput.more}. The last step of an epoch has
 * those that are left, so that each sample is in an epoch once. Holds copies of a step's batches, and no more.
 */
export function accumulatedFeed(feed: Feed, count: number): Feed {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new GradpoolError({
      code: "invalid-option",
      what: `count is ${count}`,
      where: "accumulatedFeed",
      remedy: "give a whole number from 1 up",
    });
  }
  if (count === 1) return feed;
  let done = 0;
  return {
    stepsPerEpoch: Math.ceil(feed.stepsPerEpoch / count),
    ...given({ leftOut: feed.leftOut }),
    next() {
      const own = Math.min(count, feed.stepsPerEpoch - done);
      done = (done + own) % feed.stepsPerEpoch;
      // A sampler writes its next batch over the last one.
      const [first, ...more] = Array.from({ length: own }, () => copied(feed.next()));
      return { ...first, ...(more.length > 0 && { more }) };
    },
    state: () => ({ feed: feed.state(), done }),
    restore(state) {
      const { feed: inner, done: at } = state as { readonly feed?: JsonObject; readonly done?: number };
      if (inner === undefined || at === undefined) throw otherFeed("accumulatedFeed", `${count} batches a step`, state);
      feed.restore(inner);
      done = at;
    },
  };
}

/** The same with arrays of its own. */
function copied<T>(value: T): T {
  if (ArrayBuffer.isView(value)) return (value as unknown as Float32Array).slice() as unknown as T;
  if (Array.isArray(value)) return value.map(copied) as unknown as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copied(inner)])) as T;
}

function otherFeed(where: string, own: string, state: JsonObject): GradpoolError {
  return new GradpoolError({
    code: "invalid-input",
    what: `the stored position is of another feed: ${JSON.stringify(state)}`,
    where,
    remedy: `resume with the samplers of the run that stored it; this one has ${own}`,
  });
}
