import { type Batch, type ImpressionsBatch, type JointBatch, type Sampler, splitBatch } from "@gradpool/data";
import { given, GradpoolError, type JsonObject } from "@gradpool/core";
import type { StepBatches } from "../engine/contract.js";
import type { Feed, FeedMore } from "./feed-contract.js";
import { feedOf, otherFeed, type Samplers } from "./streams.js";

export type { Feed, FeedMore, FeedOffers } from "./feed-contract.js";

/**
 * One batch per task and step. An epoch is one pass over the positives of task `leader` (the target); the other tasks'
 * streams go on beside it, over as many of their own epochs as that takes. `null`: the task is trained by no data.
 */
export function perTaskFeed(samplers: Samplers, leader = 0, more: FeedMore<Samplers> = {}): Feed {
  const leading = samplers[leader];
  if (leading === undefined || leading === null) {
    throw new GradpoolError({
      code: "invalid-input",
      what: "the leading task has no sampler",
      where: `perTaskFeed, task ${leader}`,
      remedy: "give the target task a sampler: its positives define an epoch",
    });
  }
  return feedOf({
    name: "perTaskFeed",
    own: `one sampler or null for each of ${samplers.length} tasks`,
    key: "samplers",
    stepsPerEpoch: leading.batchesPerEpoch,
    first: samplers,
    more,
    next: (all) => ({ batches: all.map((sampler): Batch | null => sampler?.next() ?? null) }),
    cut({ batches = [] }, parts) {
      const each = batches.map((batch) => batch && splitBatch(batch, parts));
      return Array.from({ length: parts }, (_, k) => ({ batches: each.map((cuts) => cuts?.[k] ?? null) }));
    },
    held: (one) => ({ batches: samplers.map((_, t) => (t === leader ? one.next() : null)) }),
  });
}

type JointSampler = Sampler<JointBatch> | Sampler<ImpressionsBatch>;

/** One batch for all tasks, for tensor models. An epoch is one pass over the sampler's rows. */
export function jointFeed(sampler: JointSampler, more: FeedMore<JointSampler> = {}): Feed {
  const { further = [], ...rest } = more;
  const next = (one: Sampler | null | undefined) => ({ joint: (one as JointSampler).next() });
  return feedOf({
    name: "jointFeed",
    own: "one sampler",
    key: "sampler",
    stepsPerEpoch: sampler.batchesPerEpoch,
    first: [sampler],
    more: { ...rest, further: "split" in further ? further : further.map((one) => [one]) },
    next: ([one]) => next(one),
    cut: ({ joint }, parts) => (joint === undefined ? [] : splitBatch(joint, parts).map((part) => ({ joint: part }))),
    held: next,
  });
}

/**
 * A feed whose steps have `count` batches of another each: accumulation (`StepInput.more`). The last step of an epoch has
 * those that are left, so that each sample is in an epoch once. Pools that need further batches, or held-out examples, are refused. Holds copies of a step's batches, and no more.
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
  /** Of the step to come: the batches that are there, and where the feed was before them. */
  let held: StepBatches[] = [];
  let before: JsonObject | undefined;
  const own = (): number => Math.min(count, feed.stepsPerEpoch - done);
  // A sampler writes its next batch over the last one.
  const take = (): void => {
    before ??= feed.state();
    held.push(copied(feed.next()));
  };
  async function allThere(): Promise<void> {
    while (held.length < own()) {
      await feed.ready?.();
      take();
    }
  }
  return {
    stepsPerEpoch: Math.ceil(feed.stepsPerEpoch / count),
    ...given({ leftOut: feed.leftOut, close: feed.close }),
    ...(feed.ready && { ready: () => (held.length < own() ? allThere() : undefined) }),
    next() {
      while (held.length < own()) take();
      const [first, ...more] = held;
      done = (done + held.length) % feed.stepsPerEpoch;
      [held, before] = [[], undefined];
      return { ...first, ...(more.length > 0 && { more }) };
    },
    state: () => ({ feed: before ?? feed.state(), done }),
    restore(state) {
      const { feed: inner, done: at } = state as { readonly feed?: JsonObject; readonly done?: number };
      if (inner === undefined || at === undefined) throw otherFeed("accumulatedFeed", `${count} batches a step`, state);
      feed.restore(inner);
      [held, before, done] = [[], undefined, at];
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
