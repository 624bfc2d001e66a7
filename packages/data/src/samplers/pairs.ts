import { createRandom, given, type NamesOf, type Random, requireNames } from "@gradpool/core";
import type { LeftOut, PairsBatch, Sampler } from "./batches.js";
import { problem } from "../errors.js";
import { toBags, expandOffsets, type Bags, type Links, type PreparedSet } from "../set/prepared-set.js";
import { atLeastOne, capacityOf, createSampler, samplerNames, type SamplerOptions } from "./engine.js";
import { below } from "./draw.js";
import { neighbours } from "./known.js";
import { drawable, type NegativeDraw } from "./negatives.js";

export interface PairsSamplerOptions extends SamplerOptions {
  /** `social`, `category`, or one of the set's item–item relations (`also_viewed`, `also_bought`). */
  readonly relation: string;
  /** Default 1. */
  readonly negativesPerPositive?: number;
}

const names: NamesOf<PairsSamplerOptions> = { ...samplerNames, relation: true, negativesPerPositive: true };

/** The two steps of a pair: which owner and partner come k-th, and who is no partner of that owner. */
interface PairSource {
  readonly entity: "user" | "item";
  readonly length: number;
  left(place: number): number;
  right(place: number, random: Random): number;
  readonly negative: NegativeDraw;
  readonly leftOut?: LeftOut;
}

function linkSource(links: Links, entity: "user" | "item", size: number): PairSource {
  const known = neighbours(links.left, links.right, size);
  const { owners, partners, draw, leftOut } = drawable(known, size, links.left, links.right);
  return {
    entity,
    length: owners.length,
    left: (place) => owners[place] as number,
    right: (place) => partners[place] as number,
    negative: draw,
    ...given({ leftOut }),
  };
}

/** True if two ascending lists have an id in common. */
function meet({ offsets, ids }: Bags, a: number, b: number): boolean {
  let i = offsets[a] as number;
  let j = offsets[b] as number;
  const endA = offsets[a + 1] as number;
  const endB = offsets[b + 1] as number;
  while (i < endA && j < endB) {
    const difference = (ids[i] as number) - (ids[j] as number);
    if (difference === 0) return true;
    if (difference < 0) i++;
    else j++;
  }
  return false;
}

/**
 * Same category: each item with a partner once an epoch, its partner drawn from one of its categories (uniform over those
 * that have another item, then over the items), its negatives uniform over items that share none of its categories.
 */
function categorySource(categories: Bags & { readonly vocabulary: number }, size: number): PairSource {
  const { offsets, ids, vocabulary } = categories;
  const members = toBags(ids, expandOffsets(offsets), vocabulary);
  const crowd = (category: number): number =>
    (members.offsets[category + 1] as number) - (members.offsets[category] as number);
  const stranger: NegativeDraw = (item, random) => {
    for (let attempt = 0; attempt < 64; attempt++) {
      const proposal = below(random, size);
      if (proposal !== item && !meet(categories, item, proposal)) return proposal;
    }
    // Reservoir of one over all strangers: exact, slow, and rare.
    let found = -1;
    for (let other = 0, seen = 0; other < size; other++) {
      if (other !== item && !meet(categories, item, other) && below(random, ++seen) === 0) found = other;
    }
    return found;
  };
  const probe = createRandom(0, size);
  const owners = Int32Array.from({ length: size }, (_, item) => item).filter((item) => {
    const own = ids.subarray(offsets[item], offsets[item + 1]);
    return own.some((category) => crowd(category) > 1) && stranger(item, probe) >= 0;
  });
  return {
    entity: "item",
    length: owners.length,
    left: (place) => owners[place] as number,
    right(place, random) {
      const item = owners[place] as number;
      const from = offsets[item] as number;
      const count = (offsets[item + 1] as number) - from;
      for (;;) {
        const category = ids[from + below(random, count)] as number;
        if (crowd(category) < 2) continue;
        const partner = members.ids[(members.offsets[category] as number) + below(random, crowd(category))] as number;
        if (partner !== item) return partner;
      }
    },
    negative: stranger,
  };
}

function sourceOf(set: PreparedSet, relation: string): PairSource {
  if (relation === "social" && set.social) return linkSource(set.social, "user", set.users);
  if (relation === "category" && set.categories) return categorySource(set.categories, set.items);
  const links = Object.hasOwn(set.itemPairs, relation) ? set.itemPairs[relation] : undefined;
  if (links) return linkSource(links, "item", set.items);
  const known = [
    ...(set.social ? ["social"] : []),
    ...(set.categories ? ["category"] : []),
    ...Object.keys(set.itemPairs),
  ];
  const remedy = known.length === 0 ? "the set has no pairs" : `give one of ${known.join(", ")}`;
  throw problem("invalid-option", `the set has no relation "${relation}"`, "relation", remedy);
}

/** Linked pairs of users or of items with negatives, for social link, category, co-view and co-buy prediction. */
export function pairsSampler(set: PreparedSet, options: PairsSamplerOptions): Sampler<PairsBatch> {
  const name = `pairs of ${options.relation}`;
  requireNames(options, names, name);
  const source = sourceOf(set, options.relation);
  const each = atLeastOne(options.negativesPerPositive ?? 1, "negativesPerPositive", name);
  const capacity = capacityOf(options.batchSize, source.length, name);
  const left = new Int32Array(capacity);
  const right = new Int32Array(capacity);
  const negatives = new Int32Array(capacity * each);
  return createSampler<PairsBatch>({
    ...options,
    kind: "pairs",
    name,
    length: source.length,
    ...given({ leftOut: source.leftOut }),
    make: (size) => ({
      kind: "pairs",
      size,
      entity: source.entity,
      left: left.subarray(0, size),
      right: right.subarray(0, size),
      negatives: negatives.subarray(0, size * each),
      negativesPerPositive: each,
    }),
    fill(_batch, order, start, size, random) {
      for (let k = 0; k < size; k++) {
        const place = order[start + k] as number;
        const owner = source.left(place);
        left[k] = owner;
        right[k] = source.right(place, random);
        for (let n = 0; n < each; n++) negatives[k * each + n] = source.negative(owner, random);
      }
    },
  });
}
