import type { JsonObject } from "@gradpool/core";
import type { LeftOut, Sampler } from "@gradpool/data";
import type { StepInput } from "../engine/contract.js";

/** An endless, resumable stream of what steps read. */
export interface Feed {
  readonly stepsPerEpoch: number;
  /** What it can give a step beside one batch. Absent: nothing. */
  readonly offers?: FeedOffers;
  /** `validation`: the step wants held-out examples. */
  next(wanted?: { readonly validation: boolean }): Omit<StepInput, "step" | "epoch" | "diagnostics">;
  /** Of data that come from elsewhere: resolves once `next` need not wait. Undefined, or absent: it need not. */
  ready?(): Promise<void> | undefined;
  /** Lets go of what fetches the data. */
  close?(): void;
  /** Plain data: where the stream is. */
  state(): JsonObject;
  restore(state: JsonObject): void;
  /** Positives that no step sees, stream by stream: see {@link Sampler.leftOut}. Absent: none. */
  readonly leftOut?: readonly LeftOut[];
}

export interface FeedOffers {
  /** Independent batches a step. */
  readonly batches: 1 | 2 | 3;
  /** Held-out examples in steps that want them. */
  readonly validation: boolean;
}

/** What pools like MoDo, SDMGrad and AuxiNash need of a feed beside one batch a step. `S`: what gives one. */
export interface FeedMore<S> {
  /**
   * A step's further batches, the second and the third: samplers like the first but for their `stream`, so that each batch is drawn by
   * itself; or into how many disjoint parts the one batch is cut.
   */
  readonly further?: readonly S[] | { readonly split: 2 | 3 };
  /** The leading task's examples that no other sampler hands out (`holdOut`), read in steps that want a validation gradient. */
  readonly validation?: Sampler;
}
