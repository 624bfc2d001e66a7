import type { Interactions } from "../set/prepared-set.js";
import { type PairFilter, pairFilter } from "./bloom.js";
import { below } from "./draw.js";
import { createProposal, contains, type Drawable, type NegativeDraw } from "./negatives.js";

export interface BloomOptions {
  readonly rate: number;
  readonly seed: number;
  /** Names the sampler in messages. */
  readonly name: string;
}

/** Proposals before an owner is taken to have nearly everything, and his own pairs are looked at. */
const most = 256;

/**
 * What may not be drawn, by a Bloom filter of the pairs in `parts`: a negative is never one of them. Some ids that an owner does not have, `rate` of
 * them, are never drawn for him either, the same ones in every epoch.
 */
export function bloomDrawable(
  parts: readonly Interactions[],
  size: number,
  owners: Int32Array,
  partners: Int32Array,
  { rate, seed, name }: BloomOptions,
  weights?: Float64Array,
): Drawable {
  const filter = filterOf(parts, rate, seed, name);
  const draw = drawBy(filter, parts, size, weights);
  const full = fullOwners(parts, size);
  if (full.size === 0) return { owners, partners, draw };
  const pairs = Int32Array.from(owners.keys()).filter((pair) => !full.has(owners[pair] as number));
  const at = (ids: Int32Array): Int32Array => pairs.map((pair) => ids[pair] as number);
  const users = [...full].sort((a, b) => a - b);
  return { owners: at(owners), partners: at(partners), draw, leftOut: { users, pairs: owners.length - pairs.length } };
}

function filterOf(parts: readonly Interactions[], rate: number, seed: number, name: string): PairFilter {
  const pairs = parts.reduce((sum, { items }) => sum + items.length, 0);
  const filter = pairFilter(pairs, rate, seed, name);
  for (const { offsets, items } of parts) {
    for (let owner = 0; owner + 1 < offsets.length; owner++) {
      for (let k = offsets[owner] as number; k < (offsets[owner + 1] as number); k++) {
        filter.add(owner, items[k] as number);
      }
    }
  }
  return filter;
}

const has = (parts: readonly Interactions[], owner: number, id: number): boolean =>
  parts.some(({ offsets, items }) => contains(items, offsets[owner] as number, offsets[owner + 1] as number, id));

function drawBy(
  filter: PairFilter,
  parts: readonly Interactions[],
  size: number,
  weights: Float64Array | undefined,
): NegativeDraw {
  const propose = createProposal(size, weights);
  return (owner, random) => {
    for (let attempt = 0; attempt < most; attempt++) {
      const proposal = propose(random);
      if (!filter.has(owner, proposal)) return proposal;
    }
    // There is one: owners who have every id are left out.
    let id = below(random, size);
    while (has(parts, owner, id)) id = (id + 1) % size;
    return id;
  };
}

/** Owners who have every id; only those with pairs enough are looked at. */
function fullOwners(parts: readonly Interactions[], size: number): ReadonlySet<number> {
  const full = new Set<number>();
  const [{ offsets } = { offsets: new Int32Array(1) }] = parts;
  for (let owner = 0; owner + 1 < offsets.length; owner++) {
    const own = parts.map((part) => part.items.subarray(part.offsets[owner], part.offsets[owner + 1]));
    if (own.reduce((sum, ids) => sum + ids.length, 0) < size) continue;
    if (new Set(own.flatMap((ids) => [...ids])).size >= size) full.add(owner);
  }
  return full;
}
