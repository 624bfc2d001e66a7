import { type NamesOf, requireNames, requireWord } from "@gradpool/core";
import type { ImpressionsBatch, Sampler } from "../samplers/batches.js";
import { type ImpressionsSamplerOptions, memorySampler } from "../samplers/impressions.js";
import { samplerNames } from "../samplers/engine.js";
import type { PreparedSet } from "../set/prepared-set.js";
import { streamSampler } from "./sampler.js";

const names: NamesOf<ImpressionsSamplerOptions> = {
  ...samplerNames,
  part: true,
  shuffle: true,
  tasks: true,
  features: true,
  measures: true,
  buffer: true,
  groups: true,
};

/**
 * Impressions with their features and labels. `user` and `item` are the first two fields (dense id, vocabulary
 * users and items), but for sides whose ids say nothing; then the categorical features of users, items and impressions in the set's order; numerical ones are
 * standardised by their mean and deviation over the training rows, whichever part is read. Nothing is sampled: an epoch is every row.
 *
 * Of a set that was opened as a stream, a thread of its own reads the rows. Its batches are worth waiting for: `await sampler.ready?.()` before
 * `next()` leaves the event loop free meanwhile, `close?.()` lets the thread go.
 *
 * @throws GradpoolError: `invalid-input` if the set holds no impressions, `invalid-option` for unknown tasks or features; of a stream what
 * reading it throws: `damaged`, `invalid-input`, with the file.
 */
export function impressionsSampler(set: PreparedSet, options: ImpressionsSamplerOptions): Sampler<ImpressionsBatch> {
  requireNames(options, names, "impressions");
  requireWord(options.part, ["train", "valid", "test"], "part", "impressions");
  const { impressions } = set;
  const { streamed } = impressions ?? {};
  if (impressions === undefined || streamed === undefined) return memorySampler(set, options);
  return streamSampler(set, { ...impressions, streamed }, options);
}
