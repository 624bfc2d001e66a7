import type { Random } from "@gradpool/core";
import { below } from "./draw.js";
import type { Bags } from "../set/prepared-set.js";
import type { LeftOut } from "./batches.js";

/** Draws ids that an owner does not have. */
export type NegativeDraw = (owner: number, random: Random) => number;

/** True if the ascending `ids[from … to − 1]` hold `wanted`. */
export function contains(ids: Int32Array, from: number, to: number, wanted: number): boolean {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low < to && ids[low] === wanted;
}

/** The first place in ascending `sums` whose value exceeds `point`. */
function above(sums: Float64Array, point: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sums[middle] as number) <= point) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Walker's alias table: a draw in proportion to `weights` costs one integer and one uniform number. */
function createAlias(weights: Float64Array): (random: Random) => number {
  const size = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const share = Float64Array.from(weights, (weight) => (weight * size) / total);
  const alias = Int32Array.from(weights, (_, k) => k);
  const small: number[] = [];
  const large: number[] = [];
  for (let k = 0; k < size; k++) ((share[k] as number) < 1 ? small : large).push(k);
  while (small.length > 0 && large.length > 0) {
    const less = small.pop() as number;
    const more = large.at(-1) as number;
    alias[less] = more;
    share[more] = (share[more] as number) + (share[less] as number) - 1;
    if ((share[more] as number) < 1) small.push(large.pop() as number);
  }
  // What rounding leaves over counts as whole.
  for (const k of [...small, ...large]) share[k] = 1;
  return (random) => {
    const k = below(random, size);
    return random.uniform() < (share[k] as number) ? k : (alias[k] as number);
  };
}

const isWeighted = (weights: Float64Array | undefined): weights is Float64Array =>
  weights !== undefined && weights.some((weight) => weight > 0);

/** Draws any id: uniformly, or in proportion to `weights` where one of them is above 0. */
export function createProposal(size: number, weights: Float64Array | undefined): (random: Random) => number {
  return isWeighted(weights) ? createAlias(weights) : (random) => below(random, size);
}

/** Pairs that each can have a negative, and the draw of it. */
export interface Drawable {
  readonly owners: Int32Array;
  readonly partners: Int32Array;
  readonly draw: NegativeDraw;
  /** Pairs that are not among them: their owners have every id. Absent: none. */
  readonly leftOut?: LeftOut;
}

/** Leaves out the pairs whose owners have all of 0 … size − 1; the others come in their order. */
export function drawable(
  known: Bags,
  size: number,
  owners: Int32Array,
  partners: Int32Array,
  weights?: Float64Array,
): Drawable {
  const { offsets } = known;
  const draw = createNegatives(known, size, weights);
  const full = (owner: number): boolean => (offsets[owner + 1] as number) - (offsets[owner] as number) >= size;
  if (!owners.some(full)) return { owners, partners, draw };
  const pairs = Int32Array.from(owners.keys()).filter((pair) => !full(owners[pair] as number));
  const at = (ids: Int32Array): Int32Array => pairs.map((pair) => ids[pair] as number);
  const users = [...new Set(owners.filter(full))].sort((a, b) => a - b);
  return {
    owners: at(owners),
    partners: at(partners),
    draw,
    leftOut: { users, pairs: owners.length - pairs.length },
  };
}

/**
 * Draws from 0 … size − 1 whatever is not in the owner's bag of `known`: uniformly, or in proportion to `weights`.
 * Proposals that hit a known id are drawn again; after 32 of them (an owner who has nearly everything) the draw is made
 * exactly among what remains, so it always ends and is never wrong. Ids of weight 0 are drawn only if nothing else remains.
 * An owner who has every id has no negative: {@link drawable} leaves him out, before anything is drawn.
 */
function createNegatives(known: Bags, size: number, weights?: Float64Array): NegativeDraw {
  const { offsets, ids } = known;
  const uniformRest: NegativeDraw = (owner, random) => {
    const from = offsets[owner] as number;
    const to = offsets[owner + 1] as number;
    let found = below(random, size - (to - from));
    for (let k = from; k < to && (ids[k] as number) <= found; k++) found++;
    return found;
  };
  if (!isWeighted(weights)) {
    return (owner, random) => {
      const from = offsets[owner] as number;
      const to = offsets[owner + 1] as number;
      for (let attempt = 0; attempt < 32; attempt++) {
        const proposal = below(random, size);
        if (!contains(ids, from, to, proposal)) return proposal;
      }
      return uniformRest(owner, random);
    };
  }
  const propose = createProposal(size, weights);
  const sums = new Float64Array(size + 1);
  for (let k = 0; k < size; k++) sums[k + 1] = (sums[k] as number) + (weights[k] as number);
  const weightedRest: NegativeDraw = (owner, random) => {
    const from = offsets[owner] as number;
    const to = offsets[owner + 1] as number;
    let rest = sums[size] as number;
    for (let k = from; k < to; k++) rest -= weights[ids[k] as number] as number;
    if (!(rest > 1e-9 * (sums[size] as number))) return uniformRest(owner, random);
    let point = random.uniform() * rest;
    let start = 0;
    for (let k = from; k <= to; k++) {
      const stop = k < to ? (ids[k] as number) : size;
      const gap = (sums[stop] as number) - (sums[start] as number);
      if (point < gap) return above(sums, (sums[start] as number) + point, start + 1, stop) - 1;
      point -= gap;
      start = stop + 1;
    }
    return uniformRest(owner, random);
  };
  return (owner, random) => {
    const from = offsets[owner] as number;
    const to = offsets[owner + 1] as number;
    for (let attempt = 0; attempt < 32; attempt++) {
      const proposal = propose(random);
      if (!contains(ids, from, to, proposal)) return proposal;
    }
    return weightedRest(owner, random);
  };
}
