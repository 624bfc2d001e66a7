import type { Batch, ImpressionsBatch, JointBatch, LeftOut, Sampler, SamplerState } from "@gradpool/data";
import { GradpoolError, type JsonObject, type JsonValue } from "@gradpool/core";
import type { StepInput } from "../engine/contract.js";

/** An endless, resumable stream of what steps read. */
export interface Feed {
  readonly stepsPerEpoch: number;
  next(): Pick<StepInput, "batches" | "joint">;
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

function otherFeed(where: string, own: string, state: JsonObject): GradpoolError {
  return new GradpoolError({
    code: "invalid-input",
    what: `the stored position is of another feed: ${JSON.stringify(state)}`,
    where,
    remedy: `resume with the samplers of the run that stored it; this one has ${own}`,
  });
}
