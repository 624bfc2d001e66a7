import { createRandom, given, type NamesOf, type Random, restoreRandom } from "@gradpool/core";
import type { Batch, LeftOut, Sampler, SamplerState } from "./batches.js";
import { problem } from "../errors.js";
import { below } from "./draw.js";
import { ordersBy, shuffledOrders } from "./orders.js";

/** What every sampler is told. */
export interface SamplerOptions {
  /** Positives (or rows) in a batch. */
  readonly batchSize: number;
  /** Default 1. Two samplers of one run should differ in `seed` or `stream`. */
  readonly seed?: number;
  /** Tells apart the samplers of one run that share a seed. Default 0. */
  readonly stream?: number;
  /** Keeps examples back from training, to validate by: a sampler of the `rest`, and one that hands out what it holds back. Default: none. */
  readonly holdOut?: HoldOut;
}

/** A share of the positives (or rows), chosen by the seed alone: with the same one, `rest` and `held` have no example in common. */
export interface HoldOut {
  /** In (0, 1); one example at least goes to either side. Of rows on the disk whole row groups do, as many as have that share of the rows. */
  readonly share: number;
  readonly part: "rest" | "held";
  /** Default 1. */
  readonly seed?: number;
}

export interface NegativeOptions {
  /** Negatives for each positive, default 1. */
  readonly negativesPerPositive?: number;
  /** `uniform` over all items (default), or in proportion to (training pairs of the item)^0.75. */
  readonly negatives?: "uniform" | "popularity";
}

/** The names of the options that all samplers have, and of those that draw negatives. */
export const samplerNames: NamesOf<SamplerOptions> = { batchSize: true, seed: true, stream: true, holdOut: true };
export const negativeNames: NamesOf<NegativeOptions> = { negativesPerPositive: true, negatives: true };
export const waysToDraw = ["uniform", "popularity"] as const;

interface Engine<B extends Batch> extends SamplerOptions {
  readonly kind: B["kind"];
  readonly name: string;
  readonly length: number;
  readonly leftOut?: LeftOut;
  /** False: rows come in their own order. */
  readonly shuffle?: boolean;
  /** Puts 0 … length − 1 in an epoch's order. Default: shuffled as `shuffle` says. */
  arrange?(order: Int32Array, epoch: number): void;
  /** A batch of `size` positives on the same buffers as every other. Called at most twice. */
  make(size: number): B;
  /** Overwrites `batch` with the positives `order[start] … order[start + size − 1]`. */
  fill(batch: B, order: Int32Array, start: number, size: number, random: Random): void;
}

export const atLeastOne = (value: number, option: string, where: string): number => {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw problem("invalid-option", `${option} is ${value}`, where, "give a whole number from 1");
};

/** The most positives that a batch can have: its buffers are no larger than the data, whatever was asked for. */
export const capacityOf = (batchSize: number, length: number, where: string): number =>
  Math.min(atLeastOne(batchSize, "batchSize", where), length);

/** The places of one side of a held-out share, ascending. */
function chosenOf(length: number, { share, part, seed = 1 }: HoldOut, name: string): Int32Array {
  if (!(share > 0 && share < 1))
    throw problem("invalid-option", `holdOut.share is ${share}`, name, "give a number between 0 and 1");
  if (length < 2)
    throw problem("invalid-input", `${length} example to hold out from`, name, "choose a task with more training data");
  const held = Math.min(length - 1, Math.max(1, Math.round(share * length)));
  const places = Int32Array.from({ length }, (_, k) => k);
  const random = createRandom(seed, 0x68656c64);
  // The first steps of a shuffle: what they bring to the front is held out.
  for (let k = 0; k < held; k++) {
    const other = k + below(random, length - k);
    const one = places[k] as number;
    places[k] = places[other] as number;
    places[other] = one;
  }
  return (part === "held" ? places.slice(0, held) : places.slice(held)).sort();
}

/**
 * The loop that all samplers share. The order of an epoch comes from (seed, stream, epoch) alone, so a state is three
 * small values; after construction nothing is allocated.
 */
export function createSampler<B extends Batch>(engine: Engine<B>): Sampler<B> {
  const { kind, name, seed = 1, stream = 0, shuffle = true, holdOut } = engine;
  const chosen = holdOut === undefined ? null : chosenOf(engine.length, holdOut, name);
  const length = chosen?.length ?? engine.length;
  if (length === 0 && engine.leftOut !== undefined)
    throw problem(
      "invalid-input",
      "everybody has everything, so there is no negative",
      name,
      "give a larger catalogue",
    );
  if (length === 0)
    throw problem("invalid-input", "there is nothing to sample from", name, "choose a task that has training data");
  const batchSize = Math.min(atLeastOne(engine.batchSize, "batchSize", name), length);
  const full = engine.make(batchSize);
  const rest = length % batchSize;
  const last = rest === 0 ? full : engine.make(rest);
  let epoch = 0;
  let position = 0;
  let random = createRandom(seed, 0x6e6567, stream);
  const inOrder = (into: Int32Array): void => {
    for (let k = 0; k < length; k++) into[k] = chosen === null ? k : (chosen[k] as number);
  };
  const own = chosen === null ? engine.arrange : undefined;
  const orders =
    own === undefined && shuffle
      ? shuffledOrders(length, inOrder, (of) => createRandom(seed, 0x6f7264, stream, of))
      : ordersBy(length, own ?? inOrder);
  let order = orders.start(epoch);
  return {
    kind,
    length,
    batchSize,
    batchesPerEpoch: Math.ceil(length / batchSize),
    ...given({ leftOut: engine.leftOut }),
    next() {
      if (position >= length) {
        epoch++;
        position = 0;
        order = orders.start(epoch);
      }
      const size = Math.min(batchSize, length - position);
      const batch = size === batchSize ? full : last;
      engine.fill(batch, order, position, size, random);
      position += size;
      orders.advance(size);
      return batch;
    },
    state: (): SamplerState => ({ epoch, position, random: random.getState() }),
    restore(state) {
      const { epoch: e, position: p } = state;
      if (!Number.isSafeInteger(e) || e < 0 || !Number.isSafeInteger(p) || p < 0 || p > length) {
        throw problem(
          "invalid-input",
          `the state is ${JSON.stringify(state)}`,
          name,
          "give what state() returned for the same data",
        );
      }
      random = restoreRandom(state.random);
      epoch = e;
      position = p;
      order = orders.start(epoch);
    },
  };
}
