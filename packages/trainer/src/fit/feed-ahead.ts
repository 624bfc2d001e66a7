import type { JsonObject } from "@gradpool/core";
import type { Feed } from "./feed-contract.js";

/** A feed whose next batches may be drawn before they are asked for. */
export interface FeedAhead extends Pick<Feed, "next" | "state"> {
  /** Draws the batches that `next` will give, for what their step needs. Those given last may be written over. */
  draw(...needs: Parameters<Feed["next"]>): void;
}

/** `state` is where the stream is by what was given, not by what was drawn. */
export function feedAhead(feed: Feed): FeedAhead {
  let drawn: { readonly before: JsonObject; readonly batches: ReturnType<Feed["next"]> } | undefined;
  return {
    draw(...needs) {
      drawn ??= { before: feed.state(), batches: feed.next(...needs) };
    },
    next(...needs) {
      const batches = drawn?.batches ?? feed.next(...needs);
      drawn = undefined;
      return batches;
    },
    state: () => drawn?.before ?? feed.state(),
  };
}
