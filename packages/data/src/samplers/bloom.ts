import { problem } from "../errors.js";

/** A set of pairs in some bits each, which never forgets one, and takes some others for its own. */
export interface PairFilter {
  readonly bytes: number;
  add(owner: number, id: number): void;
  /** False: it was not added. True: it was, or, with the filter's rate, was not. */
  has(owner: number, id: number): boolean;
}

/** MurmurHash3's finaliser. */
function mixed(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A Bloom filter (Bloom, CACM 1970) for `pairs` pairs: m = −n · ln(rate) / ln(2)² bits, k = m / n · ln(2) of them for each pair, at
 * h₁ + i · h₂ modulo m (Kirsch and Mitzenmacher, 2006). The seed decides which pairs are taken for members.
 *
 * @throws GradpoolError: `invalid-option` for a rate that is none, or more than 2³² bits.
 */
export function pairFilter(pairs: number, rate: number, seed: number, where: string): PairFilter {
  if (!(rate > 0 && rate < 1))
    throw problem("invalid-option", `falsePositives is ${rate}`, where, "give a number between 0 and 1");
  const size = Math.max(64, Math.ceil((-Math.max(1, pairs) * Math.log(rate)) / Math.LN2 ** 2));
  if (size > 2 ** 32) throw problem("invalid-option", `${size} bits are needed`, where, "give a larger falsePositives");
  const probes = Math.max(1, Math.round((size / Math.max(1, pairs)) * Math.LN2));
  const words = new Uint32Array(Math.ceil(size / 32));
  const salt = mixed(seed ^ 0x626c6f6f);
  const first = (owner: number, id: number): number => mixed(mixed(owner ^ salt) ^ Math.imul(id, 0x9e3779b1));
  const step = (hash: number, id: number): number => (mixed(hash ^ mixed(id ^ 0x85157af5)) | 1) >>> 0;
  return {
    bytes: words.byteLength,
    add(owner, id) {
      const start = first(owner, id);
      const by = step(start, id);
      for (let k = 0; k < Math.min(probes, 32); k++) {
        const bit = (start + k * by) % size;
        words[Math.floor(bit / 32)] = (words[Math.floor(bit / 32)] as number) | (1 << (bit % 32));
      }
    },
    has(owner, id) {
      const start = first(owner, id);
      const by = step(start, id);
      for (let k = 0; k < Math.min(probes, 32); k++) {
        const bit = (start + k * by) % size;
        if (((words[Math.floor(bit / 32)] as number) & (1 << (bit % 32))) === 0) return false;
      }
      return true;
    },
  };
}
